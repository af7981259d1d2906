import { UserError } from "../../model/errors.js";
import type { PlannedRange } from "../sql/keys/plan-ranges.js";
import { rangesBySample } from "../sql/keys/ranges-by-sample.js";
import type { CutOptions } from "../sql/read/part.js";
import type { KeyRangesOptions, OwnParts } from "../sql/system.js";
import type { PostgresqlConnection } from "./connection.js";
import { postgresqlText, quotePostgresqlName } from "./sql-text.js";
import type { PostgresqlTable } from "./table-info.js";

/** Kinds of relations that samples can be taken of. */
const sampled: readonly string[] = ["r", "p", "m"];

/**
 * Cuts a key by a sample of the table's pages, whose keys the server sorts: bounds are keys that exist, in the server's own order
 * whatever their types and collations, also under a filter, and for a key of several columns.
 */
export async function sampledRanges(
  client: PostgresqlConnection,
  table: PostgresqlTable,
  { key, always, count }: KeyRangesOptions,
): Promise<readonly PlannedRange[] | null> {
  const whole: PlannedRange = { after: null, upTo: null, rows: table.rows };
  if (!sampled.includes(table.kind)) return key[0]?.kind === "integer" ? null : [whole];
  const filter = always.length > 0 ? ` WHERE ${always.join(" AND ")}` : "";
  const rows = (await postgresqlEstimatedRows(client, `FROM ${table.sqlName}${filter}`)) ?? table.rows;
  // By the table's present size: none is none.
  if (rows === 0) return [{ ...whole, rows }];
  return rangesBySample(client, {
    ...{ from: table.sqlName, rows, always, count },
    blocks: async () => (await relations(client, table)).reduce((sum, relation) => sum + relation.pages, 0),
    sample: (percent) => ` TABLESAMPLE SYSTEM (${percent}) REPEATABLE (1)`,
    keys: key.map(({ name, kind }) => sqlOf(name, kind)),
    order: key.map(({ name }) => quotePostgresqlName(name)),
  });
}

function sqlOf(name: string, kind: KeyRangesOptions["key"][number]["kind"]): string {
  return kind === "bytes" ? (postgresqlText.keySql?.(name, kind) ?? "") : `${quotePostgresqlName(name)}::text`;
}

/** A table, or one of the partitions at the end of its branches. */
interface Relation {
  readonly sqlName: string;
  readonly pages: number;
}

/** What holds the rows of a table, with its size in pages. */
async function relations(client: PostgresqlConnection, { oid, kind }: PostgresqlTable): Promise<Relation[]> {
  const { rows } = await client.query(
    `WITH RECURSIVE tree (oid) AS (SELECT ${oid}::oid ${
      kind === "p"
        ? "UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid"
        : ""
    }) SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
        ceil(pg_relation_size(c.oid) / current_setting('block_size')::numeric)
      FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind <> 'p' ORDER BY c.oid`,
  );
  return rows.map(([sqlName, size]) => ({ sqlName: sqlName ?? "", pages: Number(size) }));
}

/** The server's estimate of the rows of a statement, from FROM on, by the table's present size. */
export async function postgresqlEstimatedRows(client: PostgresqlConnection, from: string): Promise<number | null> {
  const { rows } = await client.query(`EXPLAIN SELECT 1 ${from}`).catch(() => ({ rows: [] }));
  const figure = /\brows=(\d+)/.exec(rows[0]?.[0] ?? "")?.[1];
  return figure === undefined ? null : Number(figure);
}

/** Since then the server finds a range of pages without reading the others. */
const HAS_TID_RANGES = 140_000;

/**
 * Cuts a table by where its rows lie, for a job that says `"splitPk": "ctid"`: what has no key is read by several all the same.
 * Shards share no snapshot, so that is sound only while nobody changes rows.
 *
 * @throws UserError CONFIG_INVALID at `splitPk` where rows lie nowhere, or where each split would read the whole table
 */
export async function pageParts(
  client: PostgresqlConnection,
  table: PostgresqlTable,
  { splitPk, count }: CutOptions,
): Promise<OwnParts | null> {
  if (splitPk?.trim().toLowerCase() !== "ctid") return null;
  const refuse = (why: string) => new UserError("CONFIG_INVALID", `splitPk ctid: ${why}`, { path: "splitPk" });
  if (!sampled.includes(table.kind)) throw refuse(`${table.title} is no table, so its rows lie on no pages of its own`);
  if (client.version < HAS_TID_RANGES) throw refuse("before PostgreSQL 14 each split would read the whole table");
  const found = await relations(client, table);
  const total = Math.max(
    1,
    found.reduce((sum, relation) => sum + relation.pages, 0),
  );
  const rows = (await postgresqlEstimatedRows(client, `FROM ${table.sqlName}`)) ?? table.rows;
  const star = table.columns.map(({ name }) => name);
  const parts = found.flatMap(({ sqlName, pages: size }) => {
    const cuts = Math.max(1, Math.min(size, Math.round((count * size) / total)));
    return Array.from({ length: cuts }, (_, at) => ({
      ...{ key: null, range: null, nullColumn: null, table: sqlName, star },
      ...{ condition: pagesSql(size, at, cuts), rows: Math.ceil((rows * size) / total / cuts) },
    }));
  });
  const warning = `${table.title} is cut by the places of its rows: a row that is changed while the job runs moves to another place, and may be read twice or not at all; let nobody write there meanwhile`;
  return { parts, warnings: [warning] };
}

/** Open to both sides, for what is appended meanwhile. */
function pagesSql(size: number, at: number, cuts: number): string {
  const place = (cut: number) => `'(${Math.floor((size * cut) / cuts)},0)'::tid`;
  const bounds = [...(at > 0 ? [`ctid >= ${place(at)}`] : []), ...(at < cuts - 1 ? [`ctid < ${place(at + 1)}`] : [])];
  return bounds.join(" AND ") || "true";
}
