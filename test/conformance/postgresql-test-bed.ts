import type { Side } from "../../shared/connectors/contract.js";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import type { PostgresqlSource } from "../../shared/connectors/postgresql/source.js";
import type { PostgresqlWriteParams } from "../../shared/connectors/postgresql/write-params.js";
import type { SqlReadParams } from "../../shared/connectors/sql/read/read-params.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { recordsOf, sideOf, type Written, writeAll } from "./drive.js";

/** A scratch database with what the tests of the PostgreSQL connector do again and again. */
export interface PostgresqlTestBed {
  readonly database: ScratchPostgres;
  /** Makes a table of the account's own and answers its name. */
  table(declaration: string): Promise<string>;
  reading(
    parameter: JsonObject,
    over?: Partial<Side<PostgresqlSource, SqlReadParams>>,
  ): Side<PostgresqlSource, SqlReadParams>;
  writing(parameter: JsonObject): Side<PostgresqlSource, PostgresqlWriteParams>;
  /** All records that the reader delivers; bytes in hex digits. */
  read(parameter: JsonObject, advice?: number): Promise<(string | null)[][]>;
  /** Writes records as one batch of a run of its own. */
  write(parameter: JsonObject, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Promise<Written>;
}

/** Opens a bed on the server of the test run; its database is to be dropped. */
export async function postgresqlTestBed(): Promise<PostgresqlTestBed> {
  const database = await scratchPostgres();
  const { reader, writer } = postgresql;
  if (!reader || !writer) throw new Error("the connector has both sides");
  await database.query(`SET ROLE ${database.source.username}`);
  let made = 0;
  const reading: PostgresqlTestBed["reading"] = (parameter, over = {}) => ({
    ...sideOf(postgresql, reader.params, database.source, { column: ["*"], ...parameter }),
    ...over,
  });
  const writing: PostgresqlTestBed["writing"] = (parameter) =>
    sideOf(postgresql, writer.params, database.source, { column: ["*"], ...parameter });
  return {
    database,
    reading,
    writing,
    async table(declaration) {
      const name = `t_${++made}`;
      await database.query(`CREATE TABLE ${name} (${declaration})`);
      return name;
    },
    async read(parameter, advice) {
      const records = await recordsOf(reader, reading(parameter), advice);
      return records.map((row) => row.map((cell) => (Buffer.isBuffer(cell) ? cell.toString("hex") : cell)));
    },
    write: (parameter, columns, rows) =>
      writeAll(writer, writing(parameter), columns, [rows], { runId: `run-${++made}` }),
  };
}

/** Columns of the given types, named as the types are unless a name stands before a colon. */
export function columnsOf(...types: string[]): Column[] {
  return types.map((text, at) => {
    const [name, type] = text.includes(":") ? text.split(":") : [`c${at}`, text];
    return { name: name ?? "", type: (type ?? "string") as Column["type"] };
  });
}
