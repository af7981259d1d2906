import { own } from "../../model/own.js";
import type { KeyProbe } from "../sql/key-probe.js";
import { compareKey, type KeyRange, type KeyValue, keyList, rangeConditions } from "../sql/key-range.js";
import type { MysqlClient } from "./client.js";
import { estimatedRows } from "./estimated-rows.js";
import type { ReadKey } from "./read-key.js";
import { keyDialect, quoteName } from "./sql-text.js";
import type { TableInfo } from "./table-info.js";

type Key = ReadKey["columns"];

/** What a probe looks into. */
export interface ProbedIndex {
  readonly table: TableInfo;
  readonly key: Key;
  readonly index: string;
  /** Conditions for every look. */
  readonly always: readonly string[];
}

/** Looks into an index of a table. */
export function keyProbe(client: MysqlClient, { table, key, index, always }: ProbedIndex): KeyProbe {
  const from = `FROM ${table.sqlName} FORCE INDEX (${quoteName(index)})`;
  const inside = (range: KeyRange) => [...always, ...rangeConditions(keyDialect, key, range)];
  const atLeast = (guess: KeyValue, range: KeyRange) => [compareKey(keyDialect, key, ">=", guess), ...inside(range)];
  return {
    firstFrom: (guess, range) => oneKey(client, selectKey(from, key, atLeast(guess, range), "ASC")),
    lastBefore: (value) =>
      oneKey(client, selectKey(from, key, [...always, compareKey(keyDialect, key, "<", value)], "DESC")),
    async firstFromEach(guesses, range) {
      const looks = guesses.map((guess) => `(${selectKey(from, key, atLeast(guess, range), "ASC")})`);
      const names = key.map((_, at) => `k${at}`).join(", ");
      // Not every relative of MySQL takes so long a statement.
      const sql = `SELECT DISTINCT ${names} FROM (${looks.join(" UNION ALL ")}) AS looks ORDER BY ${names}`;
      const { rows } = await client.query(sql).catch(() => ({ rows: [] }));
      return rows.map((row) => row.map((value) => value ?? ""));
    },
    walk: (range, steps) => oneKey(client, `${selectKey(from, key, inside(range), "ASC")} OFFSET ${steps}`),
    maxCodePoint: (at) => maxCodePointOf(table, key[at]?.name ?? ""),
    estimate(range) {
      return estimatedRows(client, `${from} WHERE ${inside(range).join(" AND ") || "TRUE"}`);
    },
  };
}

/** The smallest or the largest key of the rows that meet the conditions. */
export function endOf(
  client: MysqlClient,
  table: TableInfo,
  key: Key,
  { conditions, direction }: { conditions: readonly string[]; direction: "ASC" | "DESC" },
): Promise<KeyValue | null> {
  return oneKey(client, selectKey(`FROM ${table.sqlName}`, key, conditions, direction));
}

function selectKey(from: string, key: Key, conditions: readonly string[], direction: "ASC" | "DESC"): string {
  const values = key.map(({ name, kind }, at) => {
    const value = kind === "bytes" ? `LOWER(HEX(${quoteName(name)}))` : quoteName(name);
    return `${value} AS k${at}`;
  });
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  return `SELECT ${values.join(", ")} ${from}${filter} ORDER BY ${keyList(keyDialect, key, direction)} LIMIT 1`;
}

async function oneKey(client: MysqlClient, sql: string): Promise<KeyValue | null> {
  const { rows } = await client.query(sql);
  return rows[0]?.map((value) => value ?? "") ?? null;
}

const whole = 0x10ffff;
const plane = 0xffff;
const lastCodePoints: Readonly<Record<string, number>> = {
  ...{ utf8mb4: whole, utf16: whole, utf16le: whole, utf32: whole, gb18030: whole },
  ...{ utf8: plane, utf8mb3: plane, ucs2: plane },
};

/** A text that a column's character set lacks would be compared by its own, past the index. */
function maxCodePointOf(table: TableInfo, name: string): number {
  const charset = table.columns.find((column) => column.name === name)?.charset ?? "";
  return own(lastCodePoints, charset.toLowerCase()) ?? 0x7f;
}
