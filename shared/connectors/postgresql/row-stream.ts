import { tablePartQueue } from "../sql/read/part-queue.js";
import type { RowStream, StreamSetting } from "../sql/read/stream.js";
import { cellTextOf } from "./column-type.js";
import type { PostgresqlConnection } from "./connection.js";
import { copyPacker } from "./copy-packer.js";
import { postgresqlColumnsOf } from "./describe.js";
import type { PostgresqlSource } from "./source.js";

/** Copies a statement's rows out. The server sends as fast as batches are taken; at most two wait. */
export function streamPostgresqlRows(
  client: PostgresqlConnection,
  sql: string,
  { shape }: StreamSetting<PostgresqlSource>,
): RowStream {
  const queue = tablePartQueue({ onFull: client.pause, onRoom: client.resume });
  const copy = async () => {
    const found = await postgresqlColumnsOf(client, sql);
    const { columns, key, exact } = shape(found);
    const momentsInUtc = columns.some(({ isMoment, clock }) => isMoment && clock !== undefined);
    const packer = copyPacker({
      ...{ texts: columns.map(cellTextOf), momentsInUtc },
      key: key.map((at) => ({ at, isBytes: found[at]?.type === "bytes" })),
      isPlain: found.length === columns.length && exact.size === 0,
    });
    await client.copyOut(`COPY (${sql}\n) TO STDOUT`, (buffer, from, to) => {
      if (packer.add(buffer, from, to)) queue.push(packer.take());
    });
    queue.push(packer.take());
  };
  copy().then(
    () => queue.end(),
    (error: unknown) => queue.end(error),
  );
  return { parts: queue.read(), isOver: queue.isOver };
}
