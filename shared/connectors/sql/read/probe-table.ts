import type { SqlClient } from "../client.js";
import { compareKey, keyOrder, rangeConditions } from "../keys/key-conditions.js";
import type { KeyProbe } from "../keys/key-probe.js";
import type { KeyColumn, KeyRange, KeyValue } from "../keys/key-range.js";
import type { SqlText } from "../sql-text.js";
import type { SqlSystem } from "../system.js";
import type { TableInfo } from "../table.js";
import type { SqlTypes } from "../types.js";

/** A table whose keys are looked at. */
export interface ProbedTable {
  readonly table: TableInfo;
  readonly key: readonly KeyColumn[];
  /** Conditions for every look. */
  readonly always: readonly string[];
}

type System<X extends SqlTypes> = Pick<SqlSystem<X>, "text" | "reading">;

/** Looks into an index of a table. */
export function keyProbe<X extends SqlTypes>(
  { text, reading }: System<X>,
  client: X["client"],
  { table, key, index, always }: ProbedTable & { readonly index: string },
): KeyProbe {
  const from = `FROM ${table.sqlName}${text.useIndex?.(index) ?? ""}`;
  const selectFirst = (conditions: readonly string[], direction: "ASC" | "DESC" = "ASC", skip = 0) =>
    selectKey(text, key, { from, conditions, direction, skip });
  const inside = (range: KeyRange) => [...always, ...rangeConditions(text, key, range)];
  const atLeast = (value: KeyValue, range: KeyRange) => [
    compareKey(text, key, { sign: ">=", value }),
    ...inside(range),
  ];
  return {
    firstFrom: (guess, range) => oneKey(client, selectFirst(atLeast(guess, range))),
    lastBefore: (value) =>
      oneKey(client, selectFirst([...always, compareKey(text, key, { sign: "<", value })], "DESC")),
    async firstFromEach(guesses, range) {
      const selects = guesses.map((guess) => {
        const select = selectFirst(atLeast(guess, range));
        return text.inUnion?.(select) ?? `(${select})`;
      });
      const names = key.map((_, at) => `k${at}`).join(", ");
      // Not every server takes so long a statement.
      const sql = `SELECT DISTINCT ${names} FROM (${selects.join(" UNION ALL ")}) looks ORDER BY ${names}`;
      const { rows } = await client.query(sql).catch(() => ({ rows: [] }));
      return rows.map((row) => row.map((value) => value ?? ""));
    },
    walk: (range, steps) => oneKey(client, selectFirst(inside(range), "ASC", steps)),
    maxCodePoint: (at) => table.columns.find(({ name }) => name === key[at]?.name)?.maxCodePoint ?? 0x7f,
    estimate: (range) => reading.estimate(client, `${from} WHERE ${inside(range).join(" AND ") || "1 = 1"}`),
  };
}

/** The smallest or the largest key of the rows that meet the conditions. */
export function endOf(
  text: SqlText,
  client: SqlClient,
  { table, key, always, direction }: ProbedTable & { readonly direction: "ASC" | "DESC" },
): Promise<KeyValue | null> {
  const from = `FROM ${table.sqlName}`;
  return oneKey(client, selectKey(text, key, { from, conditions: always, direction, skip: 0 }));
}

interface KeyProbing {
  readonly from: string;
  readonly conditions: readonly string[];
  readonly direction: "ASC" | "DESC";
  readonly skip: number;
}

function selectKey(
  text: SqlText,
  key: readonly KeyColumn[],
  { from, conditions, direction, skip }: KeyProbing,
): string {
  const values = key.map(
    ({ name, kind, literalType }, at) => `${text.keySql?.(name, kind, literalType) ?? text.quoteName(name)} AS k${at}`,
  );
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  const select = `SELECT ${values.join(", ")} ${from}${filter} ORDER BY ${keyOrder(text, key, direction)}`;
  return text.oneRow?.(select, skip) ?? `${select} LIMIT 1${skip > 0 ? ` OFFSET ${skip}` : ""}`;
}

async function oneKey(client: SqlClient, sql: string): Promise<KeyValue | null> {
  const { rows } = await client.query(sql);
  return rows[0]?.map((value) => value ?? "") ?? null;
}
