/** What a key column holds, as far as comparing and halving need to know. */
export type KeyKind = "integer" | "decimal" | "datetime" | "time" | "text" | "bytes";

/** A column of a key. */
export interface KeyColumn {
  readonly name: string;
  readonly kind: KeyKind;
}

/** Values of a key's columns in order, as canonical text; bytes as hex digits. */
export type KeyValue = readonly string[];

/** The keys `(after, upTo]`; null = no bound on that side. Both may be shorter than the key: then only leading columns count. */
export interface KeyRange {
  readonly after: KeyValue | null;
  readonly upTo: KeyValue | null;
}

/** How one system writes names and key values in SQL. */
export interface KeyDialect {
  quoteName(name: string): string;
  keyLiteral(value: string, kind: KeyKind): string;
}

type Comparison = ">" | ">=" | "<" | "<=";

/** The conditions that a range puts on a key; none for a range without bounds. */
export function rangeConditions(dialect: KeyDialect, key: readonly KeyColumn[], { after, upTo }: KeyRange): string[] {
  return [
    ...(after ? [compareKey(dialect, key, ">", after)] : []),
    ...(upTo ? [compareKey(dialect, key, "<=", upTo)] : []),
  ];
}

/**
 * Compares a key of one or several columns with a value, column by column in the key's order. Row values,
 * `(a, b) > (1, 2)`, would read better, but servers do not use an index for them.
 */
export function compareKey(
  dialect: KeyDialect,
  key: readonly KeyColumn[],
  comparison: Comparison,
  value: KeyValue,
): string {
  const columns = key.slice(0, value.length);
  const strict = comparison.startsWith(">") ? ">" : "<";
  const side = (at: number): [string, string] => {
    const column = columns[at];
    const wanted = value[at];
    if (!column || wanted === undefined) throw new RangeError("a key value is longer than its key");
    return [dialect.quoteName(column.name), dialect.keyLiteral(wanted, column.kind)];
  };
  const build = (at: number): string => {
    const [name, wanted] = side(at);
    if (at === columns.length - 1) return `${name} ${comparison} ${wanted}`;
    return `(${name} ${strict} ${wanted} OR (${name} = ${wanted} AND ${build(at + 1)}))`;
  };
  if (columns.length === 1) return build(0);
  // Implied by the rest, but it lets every optimizer see a plain range on the leading column.
  const [name, wanted] = side(0);
  return `${name} ${strict}= ${wanted} AND ${build(0)}`;
}

/** The columns of a key for SELECT and, with a direction, for ORDER BY. */
export function keyList(dialect: KeyDialect, key: readonly KeyColumn[], direction?: "ASC" | "DESC"): string {
  const suffix = direction === "DESC" ? " DESC" : "";
  return key.map(({ name }) => `${dialect.quoteName(name)}${suffix}`).join(", ");
}
