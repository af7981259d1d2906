import type { Cell, Column } from "../../model/batch.js";
import { partPacker } from "../sql/read/packed-parts.js";
import { tablePartQueue } from "../sql/read/part-queue.js";
import type { RowStream, StreamSetting } from "../sql/read/stream.js";
import { bareType } from "./column-type.js";
import type { DriverValue, SqlserverConnection } from "./connection.js";
import { sqlserverColumnsOf } from "./describe.js";
import { floatText, realText } from "./float-text.js";
import type { SqlserverSource } from "./source.js";

/** Delivers a statement's rows as they come. The server sends as fast as batches are taken; at most two wait. */
export function streamSqlserverRows(
  client: SqlserverConnection,
  sql: string,
  { shape }: StreamSetting<SqlserverSource>,
): RowStream {
  const queue = tablePartQueue({ onFull: client.pause, onRoom: client.resume });
  const read = async () => {
    const found = await sqlserverColumnsOf(client, sql);
    const packer = partPacker(shape(found));
    const cells = found.map(cellMaker);
    await client.stream(sql, (row) => {
      if (packer.add(row.map((value, at) => (value === null ? null : (cells[at]?.(value) ?? null)))))
        queue.push(packer.take());
    });
    queue.push(packer.take());
  };
  read().then(
    () => queue.end(),
    (error: unknown) => queue.end(error),
  );
  return { parts: queue.read(), isOver: queue.isOver };
}

/** How a driver's value of a column becomes a cell. Numbers are integers of four bytes at most, or floats. */
function cellMaker({ nativeType = "" }: Column): (value: NonNullable<DriverValue>) => Cell {
  const number = numberTexts[bareType(nativeType)] ?? String;
  return (value) => {
    if (typeof value === "number") return number(value);
    return typeof value === "boolean" ? String(value) : value;
  };
}

const numberTexts: Readonly<Record<string, (value: number) => string>> = { float: floatText, real: realText };
