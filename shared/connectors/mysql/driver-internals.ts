import type { Duplex } from "node:stream";
import type { Connection, Query } from "mysql2";

// What touches private parts of mysql2, besides network/mysql-login.ts. It is pinned to ~3.24. Guarded by a test.

/** A packet as the driver's state machine passes it on. */
interface RowPacket {
  readonly buffer: Buffer;
  /** Where the packet's header begins; the payload is 4 bytes further. */
  readonly start: number;
  /** Where the payload begins. */
  readonly offset: number;
  readonly end: number;
}

type RowState = (this: Query, packet: RowPacket, connection: unknown) => unknown;

/** Receives a row of the text protocol: length-encoded cells between `from` and `to`. Valid during the call only. */
export type RowBytes = (buffer: Buffer, from: number, to: number) => void;

/**
 * Makes a running query hand its rows to `onRow` as they came, before the driver makes a value of every cell.
 *
 * @returns false when the driver is not as expected: then its `result` events bring the rows
 */
export function interceptRows(query: Query, onRow: RowBytes): boolean {
  // The driver's state machine calls `row` for each packet after the column definitions and goes on with what it returns.
  const machine = query as unknown as { row?: RowState; fieldsEOF?: unknown };
  const original = machine.row;
  if (typeof original !== "function" || typeof machine.fieldsEOF !== "function") return false;
  const eachRow: RowState = function (packet, connection) {
    const { buffer, offset, end } = packet;
    // An EOF packet: its marker would be the length of a cell beyond 16 MB, but the packet is short.
    if (buffer[offset] === 0xfe && end - offset < 9) return original.call(this, packet, connection);
    onRow(buffer, offset, end);
    return eachRow;
  };
  machine.row = eachRow;
  return true;
}

/** Writes cells as the text protocol would send them: for the way without {@link interceptRows}. */
export function encodeDriverRow(cells: readonly (Buffer | null)[]): Buffer {
  const parts: Buffer[] = [];
  for (const cell of cells) {
    if (cell === null) {
      parts.push(Buffer.of(0xfb));
      continue;
    }
    const head = Buffer.alloc(9);
    head[0] = 0xfe;
    head.writeBigUInt64LE(BigInt(cell.length), 1);
    parts.push(head, cell);
  }
  return Buffer.concat(parts);
}

/**
 * Lets go of the stream of a LOAD DATA LOCAL statement that failed: the driver does so itself only after success,
 * and the stream's listeners on the socket would keep its data.
 */
export function releaseLocalStream(query: Query): void {
  const { _unpipeStream: release } = query as unknown as { _unpipeStream?: (this: Query) => void };
  if (typeof release === "function") release.call(query);
}

interface SentPacket {
  readonly buffer: Buffer;
  length(): number;
}

/**
 * Gives the packet that ends a LOAD DATA LOCAL bytes of its own. The driver has one such packet for all connections, writes the number in
 * a command's sequence into it, and hands it to the socket, which over TLS copies it later: another connection's number may be in
 * it by then, and the server waits for ever for an end that it can count.
 */
export function separateEndPackets(connection: Connection): void {
  const driver = connection as unknown as { writePacket?: (packet: SentPacket) => void };
  const original = driver.writePacket;
  if (typeof original !== "function") throw new Error("mysql2 is not as expected");
  driver.writePacket = (packet) =>
    original.call(connection, packet.length() === HEADER_BYTES ? copied(packet) : packet);
}

/** Number and length; a packet of these alone is the end of something. */
const HEADER_BYTES = 4;

function copied(packet: SentPacket): SentPacket {
  const copy: SentPacket = Object.create(Object.getPrototypeOf(packet));
  return Object.assign(copy, packet, { buffer: Buffer.from(packet.buffer) });
}

/** Ends the stream that the driver reads from, which with TLS is not the socket: the statement that waits fails with this error. */
export function cutStream(connection: Connection, why: Error | undefined): void {
  const { stream } = connection as unknown as { stream?: Partial<Pick<Duplex, "destroy">> };
  if (typeof stream?.destroy === "function") stream.destroy(why);
}
