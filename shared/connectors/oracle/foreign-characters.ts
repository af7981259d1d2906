import type { DataRecord } from "../../model/batch.js";
import type { RefusedRow } from "../sql/write/refused-rows.js";
import type { OracleConnection } from "./connection.js";
import { quoteOracleText } from "./sql-text.js";
import type { OraclePlan } from "./target-column.js";

/** Characters that a database whose texts are not in Unicode has been asked about, by its character set. */
const known = new Map<string, Map<string, boolean>>();
/** Questions at once: a literal has room for so many escapes. */
const AT_ONCE = 400;

/**
 * Rows with a character that the database's character set has not: the server would store another in its place without a word. Each character is
 * asked about once, by turning it into a text of the database and back.
 */
export async function foreignCharacters(
  client: OracleConnection,
  plan: OraclePlan,
  rows: readonly DataRecord[],
): Promise<readonly RefusedRow[]> {
  const places = plan.columns.flatMap(({ dataType }, at) =>
    /^(?:char|varchar2|clob|long)$/.test(dataType) ? [at] : [],
  );
  const asked = known.get(client.charset) ?? new Map<string, boolean>();
  known.set(client.charset, asked);
  const found = rows.map((row) => places.map((at) => [at, charactersOf(row[at] ?? null)] as const));
  const unknown = [...new Set(found.flatMap((cells) => cells.flatMap(([, some]) => some)))].filter(
    (one) => !asked.has(one),
  );
  for (let from = 0; from < unknown.length; from += AT_ONCE)
    await ask(client, unknown.slice(from, from + AT_ONCE), asked);
  return found.flatMap((cells, index): RefusedRow[] => {
    for (const [at, some] of cells) {
      const lost = some.find((one) => asked.get(one) === false);
      if (lost === undefined) continue;
      const message = `the database's character set ${client.charset} has no "${lost}"`;
      return [{ index, why: { reason: "CONVERSION", message, column: plan.columns[at]?.name ?? "" } }];
    }
    return [];
  });
}

/** Those beyond ASCII, which every character set has. */
function charactersOf(cell: string | Buffer | null): string[] {
  const text = cell?.toString() ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /[^\x00-\x7f]/.test(text) ? [...new Set(text)].filter((one) => (one.codePointAt(0) ?? 0) > 0x7f) : [];
}

async function ask(
  client: OracleConnection,
  characters: readonly string[],
  asked: Map<string, boolean>,
): Promise<void> {
  const escaped = characters.map((one) =>
    one
      .split("")
      .map((unit) => `\\${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  const parts = escaped.map(
    (one, at) =>
      `SELECT ${at} AS N, CASE WHEN TO_NCHAR(TO_CHAR(UNISTR(${quoteOracleText(one)}))) = UNISTR(${quoteOracleText(one)}) THEN 1 ELSE 0 END AS OK FROM DUAL`,
  );
  const { rows } = await client.query(parts.join(" UNION ALL "));
  for (const [at, isKept] of rows) asked.set(characters[Number(at)] ?? "", isKept === "1");
}
