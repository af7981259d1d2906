import { createServer, type Socket } from "node:net";

/** A server that goes through the beginning of a login and keeps what it is sent. */
export interface FakeLogin {
  readonly port: number;
  /** What came, in pieces as they arrived. */
  readonly received: Buffer[];
  close(): void;
}

/** Starts a server on loopback that answers the n-th piece that comes by `answers[n]`, whichever connection it is on; `greeting` begins each. */
export async function fakeLogin(greeting: Buffer | null, ...answers: Buffer[]): Promise<FakeLogin> {
  const received: Buffer[] = [];
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    if (greeting) socket.write(greeting);
    socket.on("data", (data) => {
      received.push(data);
      const answer = answers[turn];
      turn += 1;
      if (answer) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    received,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** A packet of the MySQL protocol. */
export function mysqlPacket(sequence: number, ...parts: readonly (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) =>
      typeof part === "number" ? Buffer.of(part) : typeof part === "string" ? Buffer.from(part) : part,
    ),
  );
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
}

/** What the greeting of {@link mysqlGreeting} challenges with. */
export const mysqlChallenge = Buffer.from("abcdefghijklmnopqrst");

/** The greeting of a server without TLS whose accounts log in by `plugin`. */
export function mysqlGreeting(plugin: string): Buffer {
  // Protocol 4.1, secure connection, plugins, database; nothing of TLS.
  const flags = 0x0008_8208;
  const low = Buffer.of(flags & 0xff, (flags >> 8) & 0xff);
  const high = Buffer.of((flags >> 16) & 0xff, (flags >> 24) & 0xff);
  return mysqlPacket(
    ...([0, 10, "8.0.99\0", Buffer.of(1, 0, 0, 0), mysqlChallenge.subarray(0, 8), 0, low, 45] as const),
    ...[Buffer.of(2, 0), high, 21, Buffer.alloc(10), mysqlChallenge.subarray(8), 0, `${plugin}\0`],
  );
}

/** The server asks for another way to log in. */
export function mysqlAuthSwitch(sequence: number, plugin: string): Buffer {
  return mysqlPacket(sequence, 0xfe, `${plugin}\0`, mysqlChallenge, 0);
}
