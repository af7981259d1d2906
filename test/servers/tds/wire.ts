import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";

/** Types of messages (MS-TDS 2.2.3.1.1). */
export const messageTypes = {
  batch: 1,
  rpc: 3,
  reply: 4,
  attention: 6,
  bulk: 7,
  transaction: 14,
  login: 16,
  prelogin: 18,
};

/** Certificate and key in PEM. */
export interface TdsCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A message of the client: its packets' bodies, joined. */
export interface TdsMessage {
  readonly type: number;
  readonly body: Buffer;
}

const HEADER = 8;
const isLast = 1;
const isIgnored = 2;

/** One packet (MS-TDS 2.2.3). */
function packet(type: number, body: Buffer, { last, id }: { readonly last: boolean; readonly id: number }): Buffer {
  const head = Buffer.from([type, last ? isLast : 0, 0, 0, 0, 0, id & 255, 0]);
  head.writeUInt16BE(body.length + HEADER, 2);
  return Buffer.concat([head, body]);
}

/** A client's end of the wire: messages as they come, and answers in packets. */
export interface TdsWire {
  /** Size of packets; grows at the login. */
  packetSize: number;
  isEncrypted(): boolean;
  /** Agrees on TLS, of which the handshake travels inside of packets (MS-TDS 2.2.6.5) and all else is wrapped. */
  startTls(certificate: TdsCertificate): void;
  /** Sends bytes of an answer; resolves when the client has room for more. */
  send(body: Buffer): Promise<void>;
  /** Sends what is left, as the last packet of the answer. */
  end(): Promise<void>;
}

/** Listens to a client. */
export function tdsWire(socket: Socket, onMessage: (message: TdsMessage) => void): TdsWire {
  let stream: Duplex = socket;
  let tunnel: TlsTunnel | null = null;
  let held: Buffer = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let id = 1;
  const unpack = unpacker(onMessage);
  socket.on("data", (data) => (tunnel ? tunnel.hear(data) : unpack(data)));
  const write = async (bytes: Buffer): Promise<void> => {
    if (stream.destroyed || stream.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        stream.off("drain", go).off("close", go);
        resolve();
      };
      stream.on("drain", go).on("close", go);
    });
  };
  return {
    packetSize: 4096,
    isEncrypted: () => tunnel !== null,
    startTls(certificate) {
      tunnel = tlsTunnel(socket, certificate);
      tunnel.plain.on("data", unpack);
      stream = tunnel.plain;
    },
    async send(body) {
      waiting.push(body);
      const size = this.packetSize - HEADER;
      const total = held.length + waiting.reduce((sum, { length }) => sum + length, 0);
      if (total <= size) return;
      let all = Buffer.concat([held, ...waiting]);
      waiting = [];
      for (; all.length > size; all = all.subarray(size))
        await write(packet(messageTypes.reply, all.subarray(0, size), { last: false, id: id++ }));
      held = Buffer.from(all);
    },
    async end() {
      const body = Buffer.concat([held, ...waiting]);
      [held, waiting] = [Buffer.alloc(0), []];
      await write(packet(messageTypes.reply, body, { last: true, id }));
      id = 1;
    },
  };
}

/** Takes packets out of bytes, and messages out of packets. */
function unpacker(onMessage: (message: TdsMessage) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    while (rest.length >= HEADER) {
      const length = rest.readUInt16BE(2);
      if (rest.length < length) return;
      const [type = 0, status = 0] = rest;
      parts.push(rest.subarray(HEADER, length));
      rest = rest.subarray(length);
      if ((status & isLast) === 0) continue;
      const body = Buffer.concat(parts);
      parts = [];
      if ((status & isIgnored) === 0) onMessage({ type, body });
    }
  };
}

interface TlsTunnel {
  readonly plain: TLSSocket;
  hear(data: Buffer): void;
}

/** TLS over a socket, in packets until the client sends its first record as it is. */
function tlsTunnel(socket: Socket, { cert, key }: TdsCertificate): TlsTunnel {
  let isShaking = true;
  const carrier = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      socket.write(isShaking ? packet(messageTypes.prelogin, chunk, { last: true, id: 1 }) : chunk, () => done());
    },
    final(done) {
      socket.end();
      done();
    },
  });
  socket.on("close", () => carrier.destroy());
  const unwrap = unpacker(({ body }) => void carrier.push(body));
  const plain = new TLSSocket(carrier, {
    isServer: true,
    secureContext: createSecureContext({ cert, key, maxVersion: "TLSv1.2" }),
  });
  plain.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  return {
    plain,
    hear(data) {
      if (isShaking && data[0] === messageTypes.prelogin) return unwrap(data);
      isShaking = false;
      carrier.push(data);
    },
  };
}
