import type { Prepared, Side, SplitRef } from "../../shared/connectors/contract.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { MysqlSource } from "../../shared/connectors/mysql/source.js";
import type { SqlWriteParams } from "../../shared/connectors/sql/write/write-params.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { sideOf } from "./drive.js";
import { columns } from "./sql-fixture.js";

/** A scratch database with what the tests of the MySQL writer do again and again. */
export interface WriterTestBed {
  readonly database: ScratchDatabase;
  /** Makes a table and answers its name; two columns, `id` and `name`, unless told otherwise. */
  table(declaration?: string): Promise<string>;
  count(table: string): Promise<number>;
  /** The writer's side, for all columns of a table unless the parameter says otherwise. */
  side(parameter: JsonObject, source?: JsonObject): Side<MysqlSource, SqlWriteParams>;
  /** The same, prepared as run `r`. */
  prepared(
    parameter: JsonObject,
    exactlyOnce?: SplitRef["exactlyOnce"],
    source?: JsonObject,
  ): Promise<{ side: Side<MysqlSource, SqlWriteParams>; prepared: Prepared }>;
}

/** Opens a bed on the server of the test run; its database is to be dropped. */
export async function writerTestBed(): Promise<WriterTestBed> {
  const database = await scratchDatabase();
  const writer = mysql.writer!;
  let made = 0;
  const side: WriterTestBed["side"] = (parameter, source = database.source) =>
    sideOf(mysql, writer.params, source, { column: ["*"], ...parameter });
  return {
    database,
    side,
    async table(declaration = "id INT PRIMARY KEY, name VARCHAR(20)") {
      const name = `w_${++made}`;
      await database.query(`CREATE TABLE ${name} (${declaration})`);
      return name;
    },
    count: async (table) => Number((await database.query(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]),
    async prepared(parameter, exactlyOnce = "auto", source) {
      const made = side(parameter, source);
      return { side: made, prepared: await writer.prepare(made, { runId: "r", exactlyOnce, columns }) };
    },
  };
}
