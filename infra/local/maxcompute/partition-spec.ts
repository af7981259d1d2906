import { OdpsError } from "./errors.js";
import type { ColumnRow, TableRow } from "./rows.js";

/** One `key=value` as written; keys in lower case, values as they are. */
export type ServedSpecPart = readonly [key: string, value: string];

/** Reads `ds='a',hh="b"`, `ds=a,hh=b` or the same with `/`. @throws OdpsError InvalidPartitionSpec */
export function parseServedSpec(text: string): ServedSpecPart[] {
  const part = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,/]*?))\s*(?:[,/]|$)/y;
  const found: ServedSpecPart[] = [];
  while (part.lastIndex < text.length) {
    const at = part.lastIndex;
    const match = part.exec(text);
    if (!match) throw new OdpsError("InvalidPartitionSpec", `The partition spec is invalid: ${text} (at ${at})`);
    const [, key = "", single, double, bare = ""] = match;
    found.push([key.toLowerCase(), single ?? double ?? bare]);
    if (part.lastIndex === 0) break;
  }
  return found;
}

/**
 * The values of a partition in the order of the table's keys.
 *
 * @throws OdpsError when keys are missing or unknown
 */
export function leafValues(
  { keys, name }: Pick<TableRow, "keys" | "name">,
  parts: readonly ServedSpecPart[],
): string[] {
  const given = new Map(parts);
  const names = keys.map((key) => key.name);
  if (keys.length > 0 && parts.length === 0)
    throw new OdpsError(
      "MissingPartitionSpec",
      `Table ${name} is partitioned by ${names.join(", ")}: name a partition`,
    );
  const unknown = parts.find(([key]) => !names.includes(key));
  if (unknown || given.size !== keys.length)
    throw new OdpsError("InvalidPartitionSpec", `Partitions of ${name} have the keys ${names.join(", ") || "(none)"}`);
  const values = names.map((key) => given.get(key) ?? "");
  const empty = names.find((_, at) => values[at] === "");
  if (empty) throw new OdpsError("InvalidPartitionSpec", `The value of ${empty} is empty`);
  return values;
}

/** The partition in canonical form, `ds=a/hh=b`, which names it in the store. */
export function canonicalSpec(keys: readonly ColumnRow[], values: readonly string[]): string {
  return keys.map(({ name }, at) => `${name}=${values[at]}`).join("/");
}
