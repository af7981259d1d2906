import { createServer, type Server, type Socket } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { loadConnector } from "../../shared/connectors/registry.js";
import { testConnectivity } from "../../shared/looks/connectivity.js";
import { mysqlAuthSwitch, mysqlGreeting, mysqlPacket } from "../servers/fake-logins.js";

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterAll(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** What a server says: first of all, and to each thing that it hears. */
interface Talk {
  readonly greeting?: Buffer;
  readonly answers?: readonly Buffer[];
  /** Hangs up after the last of them. */
  readonly hangsUp?: boolean;
}

async function serverThat({ greeting, answers = [], hangsUp = false }: Talk): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const left = [...answers];
    const say = (piece: Buffer | undefined) => {
      if (piece) socket.write(piece);
      if (left.length === 0 && hangsUp) socket.end();
    };
    say(greeting);
    socket.on("data", () => say(left.shift()));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

const text = (words: string) => Buffer.from(words, "latin1");
const http = text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
const greeting = mysqlGreeting("mysql_native_password");
const zero = (count: number) => Buffer.alloc(count);
const random = (count: number) => Buffer.from(Array.from({ length: count }, (_, i) => (i * 73 + 41) % 256));
const ok = (sequence: number) => mysqlPacket(sequence, 0, 0, 0, Buffer.of(2, 0), Buffer.of(0, 0));
const loggedIn = (...more: Buffer[]): Talk => ({ greeting, answers: [ok(2), ...more] });

const mysqlTalks: Readonly<Record<string, Talk>> = {
  "an HTTP server": { greeting: http },
  "an HTTP server that hangs up": { greeting: http, hangsUp: true },
  "an SSH server": { greeting: text("SSH-2.0-OpenSSH_9.2\r\n") },
  zeros: { greeting: zero(64) },
  ones: { greeting: Buffer.alloc(64, 255) },
  noise: { greeting: random(5000) },
  "an empty packet": { greeting: mysqlPacket(0) },
  "a greeting that is cut off": { greeting: mysqlPacket(0, greeting.subarray(4, 20)) },
  "a greeting of one byte": { greeting: mysqlPacket(0, 10) },
  "a greeting whose version does not end": { greeting: mysqlPacket(0, 10, "8.0.99") },
  "an old protocol": { greeting: mysqlPacket(0, 9, "3.20\0", zero(4), "abcdefgh\0") },
  "a huge length": { greeting: Buffer.concat([Buffer.of(255, 255, 255, 0), zero(100)]) },
  "a refusal at once": { greeting: mysqlPacket(0, 255, Buffer.of(0x6a, 0x04), "#HY000Host is not allowed") },
  "a refusal that is cut off": { greeting: mysqlPacket(0, 255) },
  "a refusal after the login, cut off": { greeting, answers: [mysqlPacket(2, 255, 1)] },
  "an unknown first byte": { greeting, answers: [mysqlPacket(2, 0x77, "what")] },
  "an empty answer to the login": { greeting, answers: [mysqlPacket(2)] },
  "an OK that is cut off": { greeting, answers: [mysqlPacket(2, 0)] },
  "another way without a name": { greeting, answers: [mysqlPacket(2, 0xfe)] },
  "another way that does not end": { greeting, answers: [mysqlPacket(2, 0xfe, "mysql_native")] },
  "another way without a challenge": { greeting, answers: [mysqlPacket(2, 0xfe, "mysql_native_password\0")] },
  "a way for ever": {
    greeting,
    answers: Array.from({ length: 200 }, (_, i) => mysqlAuthSwitch((2 + 2 * i) % 256, "mysql_native_password")),
  },
  "more data without a way": { greeting, answers: [mysqlPacket(2, 1, 4)] },
  "a step of a login that never began": {
    greeting: mysqlGreeting("caching_sha2_password"),
    answers: [mysqlPacket(2, 1, 9)],
  },
  "a wrong sequence": { greeting, answers: [ok(77)] },
  "a file that it asks for": loggedIn(mysqlPacket(1, 0xfb, "/etc/passwd")),
  "columns that are cut off": loggedIn(Buffer.concat([mysqlPacket(1, 1), mysqlPacket(2, 3, "de")])),
  "columns without number": loggedIn(mysqlPacket(1, 0xfe, zero(8))),
  "very many columns": loggedIn(mysqlPacket(1, 0xfe, Buffer.alloc(8, 255))),
  "an empty result": loggedIn(mysqlPacket(1)),
  "noise to a statement": loggedIn(random(3000)),
  "a refusal cut off, to a statement": loggedIn(mysqlPacket(1, 255)),
  "an OK where rows belong": loggedIn(
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
    ok(1),
  ),
};

const account = { username: "u", password: "rake-and-hoe", database: "d" };
async function stepsOf(type: string, properties: object, timeoutMs = 800) {
  const connector = await loadConnector(type);
  const source = connector.source.schema.parse(properties);
  return testConnectivity(connector, source, { timeoutMs });
}

const tds = (type: number, body: Buffer, length = body.length + 8) =>
  Buffer.concat([Buffer.of(type, 1, length >> 8, length & 255, 0, 0, 1, 0), body]);
// version, encryption (not supported), end
const prelogin = tds(
  4,
  Buffer.concat([Buffer.of(0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 255), Buffer.of(15, 0, 0, 0, 0, 0), Buffer.of(2)]),
);
const tdsTalks: Readonly<Record<string, Talk>> = {
  "an HTTP server": { answers: [http] },
  "an HTTP server at once": { greeting: http },
  zeros: { answers: [zero(64)] },
  ones: { answers: [Buffer.alloc(64, 255)] },
  noise: { answers: [random(4000)] },
  "a prelogin without anything": { answers: [tds(4, zero(0))] },
  "a prelogin cut off": { answers: [tds(4, Buffer.of(0, 0))] },
  "a prelogin that points beyond itself": { answers: [tds(4, Buffer.of(0, 255, 255, 0, 6, 255))] },
  "a prelogin of zeros for ever": { answers: [tds(4, zero(500))] },
  "a packet of length 0": { answers: [tds(4, zero(8), 0)] },
  "a packet of length 3": { answers: [tds(4, zero(8), 3)] },
  "a packet of length 65535": { answers: [tds(4, zero(8), 65535)] },
  "an empty answer to the login": { answers: [prelogin, tds(4, zero(0))] },
  "a token that there is not": { answers: [prelogin, tds(4, Buffer.of(0x77, 1, 2, 3))] },
  "a refusal that is cut off": { answers: [prelogin, tds(4, Buffer.of(0xaa, 255, 0, 1, 2, 3))] },
  "a row before the login": { answers: [prelogin, tds(4, Buffer.of(0xd1, 1, 2, 3))] },
  "columns before the login": { answers: [prelogin, tds(4, Buffer.of(0x81, 255, 254, 3))] },
  "the end of a login that never began": { answers: [prelogin, tds(4, Buffer.concat([Buffer.of(0xfd), zero(12)]))] },
  "a change of what there is not": { answers: [prelogin, tds(4, Buffer.of(0xe3, 1, 0, 99))] },
  "a change that is cut off": { answers: [prelogin, tds(4, Buffer.of(0xe3, 0, 1, 20, 0))] },
  "half a login": { answers: [prelogin, tds(4, Buffer.of(0xad, 2, 0, 1, 2))] },
  "a login, and then silence": {
    answers: [
      prelogin,
      tds(4, Buffer.concat([Buffer.of(0xad, 10, 0, 1, 0x74, 0, 0, 4, 0, 1, 2, 3, 4), Buffer.of(0xfd), zero(12)])),
    ],
  },
  SSPI: { answers: [prelogin, tds(4, Buffer.of(0xed, 2, 0, 1, 2))] },
  "a federated login": { answers: [prelogin, tds(4, Buffer.of(0xee, 2, 0, 0, 0, 1, 2))] },
  "noise to the login": { answers: [prelogin, tds(4, random(3000))] },
};

const oracleTalks: Readonly<Record<string, Talk>> = {
  "an HTTP server": { answers: [http] },
  "an HTTP server at once": { greeting: http },
  zeros: { answers: [zero(64)] },
  ones: { answers: [Buffer.alloc(64, 255)] },
  noise: { answers: [random(4000)] },
  "a packet of length 0": { answers: [Buffer.of(0, 0, 0, 0, 2, 0, 0, 0)] },
  "a packet of length 3": { answers: [Buffer.of(0, 3, 0, 0, 2, 0, 0, 0)] },
  "an empty acceptance": { answers: [Buffer.of(0, 8, 0, 0, 2, 0, 0, 0)] },
  "a refusal": { answers: [Buffer.concat([Buffer.of(0, 12, 0, 0, 4, 0, 0, 0), Buffer.of(0, 0, 0, 0)])] },
  "a refusal that is cut off": { answers: [Buffer.of(0, 8, 0, 0, 4, 0, 0, 0)] },
  "a refusal beyond itself": {
    answers: [Buffer.concat([Buffer.of(0, 12, 0, 0, 4, 0, 0, 0), Buffer.of(0, 0, 255, 255)])],
  },
  "a redirection to nowhere": { answers: [Buffer.of(0, 8, 0, 0, 5, 0, 0, 0)] },
  "the wish to hear all again, for ever": {
    answers: Array.from({ length: 300 }, () => Buffer.of(0, 8, 0, 0, 11, 0, 0, 0)),
  },
  "a packet that there is not": { answers: [Buffer.of(0, 8, 0, 0, 99, 0, 0, 0)] },
  "data before anything was agreed on": { answers: [Buffer.of(0, 12, 0, 0, 6, 0, 0, 0, 0, 0, 1, 2)] },
  "acceptance of an old version": {
    answers: [Buffer.concat([Buffer.of(0, 32, 0, 0, 2, 0, 0, 0), Buffer.of(1, 44), zero(22)])],
  },
  acceptance: {
    answers: [
      Buffer.concat([Buffer.of(0, 48, 0, 0, 2, 0, 0, 0), Buffer.of(1, 0x3f, 0x0c, 0x41, 0x20, 0, 255, 255), zero(32)]),
      random(500),
    ],
  },
};

/** What the hint may never say of an answer that others made. */
const ourBug = /bug in Sluice/;

describe.each([
  ["mysql", mysqlTalks, { ...account, securityProtocol: "authTypeNone" }],
  ["ads", mysqlTalks, account],
  ["sqlserver", tdsTalks, { ...account, securityProtocol: "authTypeNone" }],
  ["oracle", oracleTalks, { ...account, securityProtocol: "authTypeNone" }],
] as const)("a hostile or mistaken server that data sources of type %s meet", (type, talks, properties) => {
  it.concurrent.each(Object.entries(talks))("fails its own test in time, and nothing else: %s", async (_, talk) => {
    const port = await serverThat(talk);
    const { ok: isOk, steps } = await stepsOf(type, { address: [{ host: "127.0.0.1", port }], ...properties });
    const last = steps.at(-1);
    expect(isOk).toBe(false);
    expect(last?.hint).not.toMatch(ourBug);
    expect(JSON.stringify(steps)).not.toMatch(/rake-and-hoe|out of range|outside buffer/);
  });
});

describe("a port of something else", () => {
  it.each([
    ["mysql", "MySQL", { greeting: http }, "HTTP"],
    ["mysql", "MySQL", { greeting: text("SSH-2.0-OpenSSH_9.2\r\n") }, "SSH"],
    ["ads", "MySQL", { greeting: http }, "HTTP"],
    ["sqlserver", "SQL Server", { answers: [http] }, "HTTP"],
    ["oracle", "Oracle", { answers: [http] }, "HTTP"],
    ["postgresql", "PostgreSQL", { answers: [http] }, "HTTP"],
  ] as const)("is told to a data source of type %s by what is spoken there", async (type, protocol, talk, spoken) => {
    const address = [{ host: "127.0.0.1", port: await serverThat(talk) }];
    const { steps } = await stepsOf(type, { address, ...account, securityProtocol: "authTypeNone" }, 20_000);
    expect(steps.at(-1)).toMatchObject({
      ok: false,
      message: `the server does not answer in ${protocol}'s protocol: ${spoken} is spoken there`,
      hint: `Check host and port: something else than ${protocol} may listen there.`,
    });
  });
});
