import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

/** Sluice with two databases, registered as `source` and `target`. */
export interface MysqlStage {
  readonly sluice: TestSluice;
  readonly source: ScratchDatabase;
  readonly target: ScratchDatabase;
  /** Makes the same table in both databases, anew when it is there. */
  inBoth(table: string, body: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts Sluice and makes two databases. */
export async function openMysqlStage(options: Parameters<typeof startSluice>[0] = {}): Promise<MysqlStage> {
  const [sluice, source, target] = await Promise.all([startSluice(options), scratchDatabase(), scratchDatabase()]);
  await sluice.register("source", "mysql", source.source);
  await sluice.register("target", "mysql", target.source);
  return {
    sluice,
    source,
    target,
    async inBoth(table, body) {
      for (const database of [source, target]) await remake(database, table, body);
    },
    async close() {
      await sluice.close();
      await Promise.all([source.drop(), target.drop()]);
    },
  };
}

/** Makes an empty table, also when an earlier try of a test has left one. */
export async function remake(database: ScratchDatabase, table: string, body: string): Promise<void> {
  await database.query(`DROP TABLE IF EXISTS ${table}`);
  await database.query(`CREATE TABLE ${table} ${body}`);
}

/** A job that copies a table from `source` to `target`. */
export function copy(table: string, setting: object = {}, reader: object = {}, writer: object = {}): object {
  return job(
    ["mysql", { datasource: "source", table, column: ["*"], ...reader }],
    ["mysql", { datasource: "target", table, column: ["*"], writeMode: "insert", ...writer }],
    { speed: { concurrent: 2 }, ...setting },
  );
}

/** A digest of all rows, byte for byte, that does not depend on their order. */
export async function digest(database: ScratchDatabase, table: string): Promise<string> {
  const columns = await database.query(
    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION",
    [database.name, table],
  );
  const parts = columns.map(([name]) => `IFNULL(HEX(CAST(\`${name}\` AS BINARY)), 'null')`).join(", ',', ");
  // Not MD5: MySQL 9 has put it away.
  const hash = `SHA2(CONCAT(${parts}), 256)`;
  const [row] = await database.query(
    `SELECT COUNT(*), SUM(CAST(CONV(SUBSTR(${hash}, 1, 14), 16, 10) AS UNSIGNED)), SUM(CAST(CONV(SUBSTR(${hash}, 15, 14), 16, 10) AS UNSIGNED)) FROM \`${table}\``,
  );
  return String(row);
}

/** Number of rows. */
export async function count(database: ScratchDatabase, table: string): Promise<number> {
  return Number((await database.query(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]);
}
