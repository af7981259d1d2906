import type { DataRecord } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import { packedParts } from "../sql/read/packed-parts.js";
import type { RowStream, StreamSetting } from "../sql/read/stream.js";
import { oracleCell } from "./cells.js";
import { columnOf } from "./column-type.js";
import type { OracleConnection } from "./connection.js";
import { oracleFieldsOf } from "./describe.js";
import { withTexts } from "./exact-reading.js";
import type { OracleSource } from "./source.js";

/** Rows that are asked for at once; few of those that may be large, since each round trip brings them all into memory. */
const rowsAtOnce = { usual: 1_000, large: 50 } as const;
const large = /LOB$|^LONG|^XMLTYPE$|^JSON$|^VECTOR$/;

/** Streams a statement's rows. Nothing is asked for before what came is taken. */
export function streamOracleRows(
  client: OracleConnection,
  sql: string,
  { shape, fetchSize }: StreamSetting<OracleSource>,
): RowStream {
  let isOver = false;
  async function* parts() {
    const statement = withoutSemicolons(sql);
    const fields = await oracleFieldsOf(client, statement);
    const layout = shape(fields.map((field) => columnOf(field.name, field)));
    const types = fields.map(({ typeName }) => typeName);
    const isLarge = types.some((type) => large.test(type));
    const size = fetchSize ?? (isLarge ? rowsAtOnce.large : rowsAtOnce.usual);
    async function* records(): AsyncGenerator<DataRecord> {
      const rows = client.rows(withTexts(statement, fields, layout.key), size);
      for await (const row of rows) yield row.map((value, at) => oracleCell(value, types[at] ?? ""));
      isOver = true;
    }
    yield* packedParts(records(), layout);
  }
  return { parts: parts(), isOver: () => isOver };
}
