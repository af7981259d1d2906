import type { SqlText } from "../sql-text.js";
import type { KeyColumn, KeyRange, KeyValue } from "./key-range.js";

/** A comparison of a key with a value. */
export interface KeyComparison {
  readonly sign: ">" | ">=" | "<" | "<=";
  /** May be shorter than the key: then only leading columns count. */
  readonly value: KeyValue;
}

/** The conditions that a range puts on a key; none for a range without bounds. */
export function rangeConditions(text: SqlText, key: readonly KeyColumn[], { after, upTo }: KeyRange): string[] {
  return [
    ...(after ? [compareKey(text, key, { sign: ">", value: after })] : []),
    ...(upTo ? [compareKey(text, key, { sign: "<=", value: upTo })] : []),
  ];
}

/**
 * Compares a key of one or several columns with a value, column by column in the key's order. Row values,
 * `(a, b) > (1, 2)`, would read better, but servers do not use an index for them.
 */
export function compareKey(text: SqlText, key: readonly KeyColumn[], { sign, value }: KeyComparison): string {
  const columns = key.slice(0, value.length);
  const strict = sign.startsWith(">") ? ">" : "<";
  const side = (at: number): [string, string] => {
    const column = columns[at];
    const wanted = value[at];
    if (!column || wanted === undefined) throw new RangeError("a key value is longer than its key");
    return [text.quoteName(column.name), text.keyLiteral(wanted, column.kind, column.literalType)];
  };
  const build = (at: number): string => {
    const [name, wanted] = side(at);
    if (at === columns.length - 1) return `${name} ${sign} ${wanted}`;
    return `(${name} ${strict} ${wanted} OR (${name} = ${wanted} AND ${build(at + 1)}))`;
  };
  if (columns.length === 1) return build(0);
  // Implied by the rest, but it lets every optimizer see a plain range on the leading column.
  const [name, wanted] = side(0);
  return `${name} ${strict}= ${wanted} AND ${build(0)}`;
}

/** The columns of a key for ORDER BY. */
export function keyOrder(text: SqlText, key: readonly KeyColumn[], direction: "ASC" | "DESC" = "ASC"): string {
  const suffix = direction === "DESC" ? " DESC" : "";
  return key.map(({ name }) => `${text.quoteName(name)}${suffix}`).join(", ");
}
