import type { FieldPacket } from "mysql2";
import type { Column } from "../../model/batch.js";
import { tablePartQueue } from "../sql/read/part-queue.js";
import type { ReadLayout, RowStream, StreamSetting } from "../sql/read/stream.js";
import { columnOfField } from "./column-type.js";
import type { MysqlClient } from "./connection.js";
import { encodeDriverRow, interceptRows, type RowBytes } from "./driver-internals.js";
import { floatOf } from "./exact-reading.js";
import { type ColumnLayout, type RowPacker, rowPacker } from "./row-packer.js";
import type { MysqlSource } from "./source.js";

/** Starts a streaming query in the text protocol. The server sends as fast as batches are taken; at most two wait. */
export function streamMysqlRows(
  client: MysqlClient,
  sql: string,
  { source, shape }: StreamSetting<MysqlSource>,
): RowStream {
  const { connection } = client;
  const queue = tablePartQueue({ onFull: () => connection.pause(), onRoom: () => connection.resume() });
  let packer: RowPacker | null = null;
  const onRow: RowBytes = (buffer, from, to) => {
    if (packer?.add(buffer, from, to)) queue.push(packer.take());
  };
  const query = connection.query({ sql, rowsAsArray: true, typeCast: (field) => field.buffer() });
  if (!interceptRows(query, onRow)) {
    query.on("result", (row: unknown) => {
      // Our typeCast makes buffers of all cells; the driver's types cannot say so.
      const bytes = encodeDriverRow(row as (Buffer | null)[]);
      onRow(bytes, 0, bytes.length);
    });
  }
  query.on("fields", (fields: FieldPacket[] | undefined) => {
    try {
      if (fields) packer ??= rowPacker(rowLayout(shape(fields.map(columnOfField)), source));
    } catch (error) {
      queue.end(error);
    }
  });
  query.on("error", (error) => queue.end(error));
  query.on("end", () => {
    queue.push(packer?.take() ?? null);
    queue.end();
  });
  // A connection that dies under a streaming query tells the connection, not the query.
  connection.on("error", (error) => queue.end(error));
  return { parts: queue.read(), isOver: queue.isOver };
}

function rowLayout({ columns, key, exact }: ReadLayout, { nullsZeroDates }: MysqlSource): ColumnLayout {
  const floats = [...exact].flatMap(([at, column]) => {
    const float = floatOf(column);
    return float ? [[at, float] as const] : [];
  });
  const types = columns.map(({ type }: Column) => type);
  return { types, key, floats: new Map(floats), nullsZeroDates };
}
