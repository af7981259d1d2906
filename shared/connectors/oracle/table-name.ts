import { UserError } from "../../model/errors.js";
import type { SqlClient } from "../sql/client.js";
import { quoteOracleName, quoteOracleText } from "./sql-text.js";

/** A table or view that there is. */
export interface OracleFoundTable {
  readonly schema: string;
  readonly table: string;
  readonly isView: boolean;
}

/** The parts of `table`, `schema.table`, `"My Schema"."My.Table"`. In quotes a part means what it says. */
function partsOf(name: string): { readonly text: string; readonly isQuoted: boolean }[] {
  const parts = name.trim().match(/"[^"]+"|[^."]+/g) ?? [name];
  return parts.map((part) => {
    const isQuoted = part.startsWith('"') && part.length > 2;
    return { text: isQuoted ? part.slice(1, -1) : part.trim(), isQuoted };
  });
}

/** A table's name as the statements of a job have it in place of `@table`: as the server would take what is written. */
export function writtenOracleTable(name: string): string {
  return partsOf(name)
    .map(({ text, isQuoted }) => quoteOracleName(isQuoted || !isPlain(text) ? text : text.toUpperCase()))
    .join(".");
}

/** Its letters may be of any case without quotes. */
function isPlain(text: string): boolean {
  return /^\p{L}[\p{L}\p{N}_$#]*$/u.test(text);
}

/** A table's name as people write it and {@link findOracleTable} reads it. */
export function displayedOracleTable(schema: string | null, table: string): string {
  const displayed = (part: string) => (/[\s.,[\]]/.test(part) ? quoteOracleName(part) : part);
  return schema === null ? displayed(table) : `${displayed(schema)}.${displayed(table)}`;
}

/**
 * Finds the table that a job means: as it is written, else in upper case as the server would take it, else the only one that differs
 * in case alone. Without a schema it is looked for in the session's, and among synonyms.
 *
 * @throws UserError SOURCE_OBJECT_MISSING; UNSUPPORTED for one behind a database link
 */
export async function findOracleTable(client: SqlClient, name: string): Promise<OracleFoundTable> {
  const parts = partsOf(name);
  const [table, schema] = [parts.at(-1), parts.at(-2)];
  if (/@/.test(name.replace(/"[^"]*"/g, "")))
    throw new UserError("UNSUPPORTED", `table ${name} is behind a database link`, {
      hint: "Register the other database as a data source of its own, or read it by querySql.",
    });
  const found = table && (await lookUp(client, table.text, schema?.text ?? null));
  if (found) return found;
  throw new UserError("SOURCE_OBJECT_MISSING", `table ${name} does not exist, or this account may not see it`);
}

/** Longer chains of synonyms are none that people make. */
const MOST_SYNONYMS = 5;

async function lookUp(client: SqlClient, name: string, schema: string | null): Promise<OracleFoundTable | null> {
  let [table, place] = [name, schema];
  for (let hops = 0; hops <= MOST_SYNONYMS; hops++) {
    const found = await objectNamed(client, table, place);
    if (!found) return null;
    const [owner = "", object = "", kind = ""] = found;
    if (kind !== "SYNONYM") return { schema: owner, table: object, isView: kind === "VIEW" };
    const { rows } = await client.query(
      `SELECT TABLE_OWNER, TABLE_NAME, DB_LINK FROM ALL_SYNONYMS WHERE OWNER = ${quoteOracleText(owner)} AND SYNONYM_NAME = ${quoteOracleText(object)}`,
    );
    const [target] = rows;
    if (!target?.[0] || !target[1] || target[2]) return null;
    [place, table] = [target[0], target[1]];
  }
  return null;
}

/** The best of those that a name may mean: of exactly that name first, tables before views before synonyms, one's own before PUBLIC's. */
async function objectNamed(client: SqlClient, name: string, schema: string | null): Promise<readonly string[] | null> {
  const owner =
    schema === null
      ? "OWNER IN (SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'), 'PUBLIC')"
      : `UPPER(OWNER) = ${quoteOracleText(schema.toUpperCase())}`;
  const select = (condition: string) => `SELECT OWNER, OBJECT_NAME, OBJECT_TYPE FROM ALL_OBJECTS
    WHERE ${owner} AND ${condition} AND OBJECT_TYPE IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SYNONYM')
    ORDER BY CASE OWNER WHEN 'PUBLIC' THEN 1 ELSE 0 END, CASE OBJECT_TYPE WHEN 'SYNONYM' THEN 2 WHEN 'VIEW' THEN 1 ELSE 0 END`;
  const exact = [...new Set([name, name.toUpperCase()])];
  const { rows } = await client.query(select(`OBJECT_NAME IN (${exact.map(quoteOracleText).join(", ")})`));
  for (const wanted of exact) {
    const row = rows.find((one) => one[1] === wanted);
    if (row) return row.map((cell) => cell ?? "");
  }
  const alike = await client.query(select(`UPPER(OBJECT_NAME) = ${quoteOracleText(name.toUpperCase())}`));
  const [only] = alike.rows;
  return only && new Set(alike.rows.map(([, object]) => object)).size === 1 ? only.map((cell) => cell ?? "") : null;
}
