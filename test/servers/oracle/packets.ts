import type { Socket } from "node:net";

/** Kinds of packets of the network layer (TNS). */
export const packetTypes = { connect: 1, accept: 2, refuse: 4, redirect: 5, data: 6, marker: 12 } as const;

/** Session data unit: most bytes of one packet. */
export const SDU = 8_192;

const HEADER = 8;
const FLAGS = 2;
/** A flag of the last packet of a request. */
const END_OF_REQUEST = 0x0800;
const END_OF_FILE = 0x0040;

/** What came: the packet's kind, and what stands behind its header. */
export interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

/** A connection's packets. Until it is accepted, lengths have two bytes, after that four. */
export interface PacketLine {
  /** Kinds and bodies as they come; ends with the connection. */
  packets(): AsyncGenerator<Packet>;
  send(type: number, body: Buffer): void;
  /** Sends an answer in as many packets as it takes. */
  answer(payload: Buffer): void;
  accepted(): void;
}

/** Makes packets of a socket's bytes. */
export function packetLine(socket: Socket): PacketLine {
  let isLarge = false;
  const lengthOf = (data: Buffer) => (isLarge ? data.readUInt32BE(0) : data.readUInt16BE(0));
  const send = (type: number, body: Buffer) => {
    const head = Buffer.alloc(HEADER);
    if (isLarge) head.writeUInt32BE(HEADER + body.length, 0);
    else head.writeUInt16BE(HEADER + body.length, 0);
    head[4] = type;
    socket.write(Buffer.concat([head, body]));
  };
  return {
    send,
    accepted() {
      isLarge = true;
    },
    answer(payload) {
      const room = SDU - HEADER - FLAGS;
      for (let from = 0; from < payload.length; from += room)
        send(packetTypes.data, Buffer.concat([Buffer.alloc(FLAGS), payload.subarray(from, from + room)]));
    },
    async *packets() {
      let waiting: Buffer = Buffer.alloc(0);
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        waiting = Buffer.concat([waiting, chunk]);
        while (waiting.length >= HEADER && waiting.length >= lengthOf(waiting)) {
          const length = lengthOf(waiting);
          yield { type: waiting[4] ?? 0, body: waiting.subarray(HEADER, length) };
          waiting = waiting.subarray(length);
        }
      }
    },
  };
}

/** What a data packet carries; `isLast` ends a request. */
export function dataOf({ body }: Packet): {
  readonly payload: Buffer;
  readonly isLast: boolean;
  readonly isFarewell: boolean;
} {
  const flags = body.readUInt16BE(0);
  return {
    payload: body.subarray(FLAGS),
    isLast: (flags & END_OF_REQUEST) !== 0,
    isFarewell: (flags & END_OF_FILE) !== 0,
  };
}
