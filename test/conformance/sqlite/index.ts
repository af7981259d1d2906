import { z } from "zod";
import type { Connector } from "../../../shared/connectors/contract.js";
import { packedParts } from "../../../shared/connectors/sql/read/packed-parts.js";
import type { SqlReadParams } from "../../../shared/connectors/sql/read/read-params.js";
import { sqlReader } from "../../../shared/connectors/sql/read/reader.js";
import type { ReadLayout, RowStream } from "../../../shared/connectors/sql/read/stream.js";
import type { SqlTableColumn } from "../../../shared/connectors/sql/table.js";
import { readerTemplate, writerTemplate } from "../../../shared/connectors/sql/template.js";
import { standardLexis } from "../../../shared/connectors/sql/text/sql-pieces.js";
import { standardLedger } from "../../../shared/connectors/sql/write/ledger.js";
import { standardTransactions, type WritableSystem } from "../../../shared/connectors/sql/write/system.js";
import { type SqlTargetColumn, targetColumn } from "../../../shared/connectors/sql/write/target-plan.js";
import { type SqlWriteParams, writeParams } from "../../../shared/connectors/sql/write/write-params.js";
import { sqlWriter } from "../../../shared/connectors/sql/write/writer.js";
import type { Column, DataRecord } from "../../../shared/model/batch.js";
import { cellOf, connect, errors, refusalOf, type SqliteClient, type SqliteSource } from "./client.js";
import { describe, describeTable } from "./table.js";
import { hex, sqliteText } from "./text.js";

interface SqliteTypes {
  readonly source: SqliteSource;
  readonly client: SqliteClient;
  readonly column: SqlTableColumn;
  readonly target: SqlTargetColumn;
  readonly params: SqlWriteParams;
}

const system: WritableSystem<SqliteTypes> = {
  ...{ text: sqliteText, errors, connect, describe },
  whyNotPlanned: () => "would run",
  describeTable: (client, _source, name) => describeTable(client, name),
  reading: {
    estimate: async (client, from) => Number((await client.query(`SELECT COUNT(*) ${from}`)).rows[0]?.[0]),
    stream: (client, sql, { shape }) => stream(client, sql, shape),
  },
  writing: {
    statements: { lexis: standardLexis },
    transactions: standardTransactions,
    ledger: standardLedger({ text: "TEXT", integer: "INTEGER" }),
    sqlName: (_source, name) => sqliteText.quoteName(name.replace(/^"|"$/g, "")),
    targetColumn,
    maxStatementBytes: async () => 1_000_000,
    ruleOfPair: () => null,
    insertParts({ sqlName, mode, columns, updateColumns }) {
      const names = columns.map(({ name }) => sqliteText.quoteName(name)).join(", ");
      const changes = updateColumns.map(sqliteText.quoteName).map((name) => `${name} = excluded.${name}`);
      const tails = { insert: "", replace: "", ignore: " ON CONFLICT DO NOTHING" };
      const tail = mode === "update" ? ` ON CONFLICT DO UPDATE SET ${changes.join(", ")}` : tails[mode];
      return { head: `${mode === "replace" ? "REPLACE" : "INSERT"} INTO ${sqlName} (${names}) VALUES `, tail };
    },
    cellLiteral: ({ takesBytes }, cell) =>
      takesBytes ? hex(Buffer.from(cell)) : sqliteText.quoteText(cell.toString()),
    refusalOf,
  },
};

function stream(client: SqliteClient, sql: string, shape: (found: readonly Column[]) => ReadLayout): RowStream {
  let isOver = false;
  async function* rows(): AsyncGenerator<DataRecord> {
    const statement = client.db.prepare(sql);
    try {
      for (const row of statement.iterate()) yield Object.values(row).map(cellOf);
      isOver = true;
    } finally {
      statement.finalize();
    }
  }
  async function* parts() {
    yield* packedParts(rows(), shape(await describe(client, sql)));
  }
  return { parts: parts(), isOver: () => isOver };
}

const place = { datasource: "shop", table: "orders", column: ["id", "customer"] };

/** SQLite, made by the page "How to write a connector" to see how little it takes. */
export const sqlite: Connector<SqliteSource, SqlReadParams, SqlWriteParams> = {
  name: "sqlite",
  title: "SQLite",
  source: { schema: z.strictObject({ database: z.string().min(1) }), secrets: [] },
  reader: sqlReader(system, { ignored: {}, template: readerTemplate({ ...place, table: ["orders"] }) }),
  writer: sqlWriter(system, { params: writeParams(), template: writerTemplate(place) }),
};
