import type { Duplex } from "node:stream";

/** Told of each row of a `COPY … TO STDOUT`: where it stands in what the server sent. */
export type CopiedRow = (buffer: Buffer, from: number, to: number) => void;

/**
 * Stands between a connection and the driver's parser, which would make an object and a view of each row. Rows that somebody
 * waits for go there directly; everything else goes to the parser.
 */
export interface CopyTap {
  /** What the parser is to listen to in place of a stream of whole messages. */
  between<S extends Duplex>(stream: S): S;
  /** From now on rows go there; null = to the parser. */
  rowsTo(take: CopiedRow | null): void;
}

/** A message is its kind, then its length without the kind (PostgreSQL manual, "Message Formats"). */
const HEADER_BYTES = 5;
const copyData = 0x64;

type Listener = (...values: unknown[]) => void;

/** Makes the tap of one connection. */
export function copyTap(): CopyTap {
  let take: CopiedRow | null = null;
  const listen = (bytes: Buffer, pass: (bytes: Buffer) => void): void => {
    if (take === null) {
      pass(bytes);
      return;
    }
    let passed = 0;
    let at = 0;
    while (at < bytes.length) {
      const end = at + bytes.readInt32BE(at + 1) + 1;
      if (bytes[at] === copyData) {
        if (passed < at) pass(bytes.subarray(passed, at));
        take(bytes, at + HEADER_BYTES, end);
        passed = end;
      }
      at = end;
    }
    if (passed < at) pass(bytes.subarray(passed, at));
  };
  return {
    between(stream) {
      const on = stream.on.bind(stream) as (event: string | symbol, listener: Listener) => typeof stream;
      const heed = (event: string | symbol, listener: Listener) =>
        on(event, event === "data" ? (bytes) => listen(bytes as Buffer, listener) : listener); // nobody sets an encoding
      return Object.assign(stream, { on: heed, addListener: heed });
    },
    rowsTo(next) {
      take = next;
    },
  };
}
