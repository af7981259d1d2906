import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createMessageCheck } from "../../../../../shared/connectors/postgresql/guarded-stream.js";
import { loadConnector } from "../../../../../shared/connectors/registry.js";
import { testConnectivity } from "../../../../../shared/looks/connectivity.js";

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on loopback that says its pieces, one whenever somebody speaks. */
async function serverThat(...pieces: readonly Buffer[]): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const left = [...pieces];
    socket.on("data", () => socket.write(left.shift() ?? ""));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** A message of PostgreSQL's: a letter, the length, the rest. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function authentication(code: number, rest = Buffer.alloc(0)): Buffer {
  const body = Buffer.alloc(4);
  body.writeInt32BE(code);
  return message("R", Buffer.concat([body, rest]));
}

const text = (words: string) => Buffer.from(words);
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
/** A letter and a length that is not that of what follows. */
const lying = (letter: string, length: number, rest = "") => Buffer.concat([text(letter), int32(length), text(rest)]);
const signedIn = Buffer.concat([authentication(0), message("K", Buffer.alloc(8)), message("Z", text("I"))]);
const afterSignIn = (says: Buffer) => Buffer.concat([authentication(0), says]);

const answers: readonly (readonly [string, Buffer])[] = [
  ["GSSAPI", authentication(7)],
  ["GSSAPI, gone on", authentication(8, Buffer.from("token"))],
  ["SSPI", authentication(9)],
  ["Kerberos", authentication(2)],
  ["an unknown way", authentication(4242)],
  ["a way without a number", message("R", Buffer.alloc(0))],
  ["SASL without a mechanism", authentication(10, Buffer.from("\0"))],
  ["SASL with an unknown one", authentication(10, Buffer.from("NONE\0\0"))],
  ["the end of SASL that never began", authentication(12, Buffer.from("v=x"))],
  ["a step of SASL that never began", authentication(11, Buffer.from("r=x,s=y,i=1"))],
];

/** What is no answer of PostgreSQL's at all, and the words that tell it. */
const noAnswers: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a refusal whose text does not end", message("E", text("SFATAL\0Mno end")), /message E: it ends too early/],
  ["a refusal without an end", message("E", text("SFATAL\0Mno end\0")), /message E: it ends too early/],
  ["a refusal without a word", message("E", text("SFATAL\0\0")), /message E: it says nothing/],
  ["an empty refusal", message("E", Buffer.alloc(0)), /message E: it ends too early/],
  ["a notice whose text does not end", message("N", text("Mwait")), /message N: it ends too early/],
  ["MD5 without its salt", authentication(5), /message R: it ends too early/],
  ["MD5 with half a salt", authentication(5, text("ab")), /message R: it ends too early/],
  ["MD5 with more than a salt", authentication(5, text("abcdefgh")), /message R: it goes on/],
  ["ways to sign in that do not end", authentication(10, text("SCRAM-SHA-256")), /message R: it ends too early/],
  ["rows before anybody signed in", message("D", Buffer.from([0, 0])), /message D before anybody has signed in/],
  ["columns before anybody signed in", message("T", Buffer.from([0, 0])), /message T before anybody/],
  ["a session before anybody signed in", message("Z", text("I")), /message Z before anybody/],
  ["a key before anybody signed in", message("K", Buffer.alloc(8)), /message K before anybody/],
  ["half a key", afterSignIn(message("K", Buffer.alloc(4))), /message K: it ends too early/],
  ["a setting without a value", afterSignIn(message("S", text("TimeZone\0"))), /message S: it ends too early/],
  ["rows before the session began", afterSignIn(message("D", Buffer.from([0, 0]))), /message D before the session/],
  ["a session in no state", afterSignIn(message("Z", text("X"))), /message Z: it tells no state/],
  ["a session that says more", afterSignIn(message("Z", text("II"))), /message Z: it tells no state/],
  ["a letter that there is not", message("q", text("x")), /a message q, which there is not/],
  ["a sign", Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), /a message 0x01, which there is not/],
  ["no length", lying("R", 0, "12345678"), /a message R of 0 bytes/],
  ["a length below itself", lying("E", 3, "1"), /a message E of 3 bytes/],
  ["a negative length", lying("E", -1, "1"), /a message E of -1 bytes/],
  ["a huge length", lying("R", 0x7fffffff, "1"), /a message R of 2147483647 bytes/],
  ["a refusal without end to its length", lying("E", 30_001, "1"), /a message E of 30001 bytes/],
  ["the refusal of an old server", text("Ecould not fork\n\0"), /a message E of \d+ bytes/],
  ["an HTTP server", text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), /HTTP is spoken there/],
  ["an SSH server", text("SSH-2.0-OpenSSH_9.2\r\n"), /SSH is spoken there/],
];

/** What a server may say to a statement, and the words that tell it. */
const badResults: readonly (readonly [string, Buffer, RegExp])[] = [
  ["columns that are cut off", message("T", Buffer.from([0, 2, 97, 0])), /message T: it ends too early/],
  ["a column whose name does not end", message("T", Buffer.concat([Buffer.from([0, 1]), text("count")])), /message T/],
  ["a row that is cut off", message("D", Buffer.from([0, 3, 0, 0, 0, 1, 49])), /message D: it ends too early/],
  ["a cell longer than its row", message("D", Buffer.from([0, 1, 0, 0, 1, 0, 49])), /message D: it ends too early/],
  [
    "a cell of less than nothing",
    message("D", Buffer.from([0, 1, 255, 255, 255, 0])),
    /message D: a cell of -256 bytes/,
  ],
  ["a row that goes on", message("D", Buffer.from([0, 0, 1])), /message D: it goes on/],
  ["rows without columns", message("D", Buffer.from([0, 0])), /message D: another number of cells/],
  ["an end without words", message("C", text("SELECT 1")), /message C: it ends too early/],
  ["a refusal whose text does not end", message("E", text("Mno")), /message E: it ends too early/],
  ["somebody who signs in again", authentication(3), /message R after somebody has signed in/],
  ["a huge row", lying("D", 0x7fffffff, "1"), /a message D of 2147483647 bytes/],
  ["a word that is no row and huge", lying("C", 30_001, "1"), /a message C of 30001 bytes/],
];

async function stepsOf(type: string, properties: object) {
  const connector = await loadConnector(type);
  const source = connector.source.schema.parse(properties);
  return testConnectivity(connector, source, { timeoutMs: 1_500 });
}

const account = { username: "u", password: "rake-and-hoe", database: "d", securityProtocol: "authTypeNone" };
const sourceAt = (port: number) => ({ address: [{ host: "127.0.0.1", port }], ...account });

describe("a server that answers PostgreSQL's client oddly", () => {
  it.each(answers)("fails the login of its own test, and nothing else: %s", async (_, says) => {
    const { ok, steps } = await stepsOf("postgresql", sourceAt(await serverThat(says)));
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ ok: false, hint: expect.any(String) });
    expect(["tls", "login", "exists"]).toContain(steps.at(-1)?.name);
    expect(JSON.stringify(steps)).not.toContain("rake-and-hoe");
  });

  it.each(noAnswers)("is told to speak no PostgreSQL: %s", async (_, says, words) => {
    const { steps } = await stepsOf("postgresql", sourceAt(await serverThat(says)));
    const { name, message: said, hint = "" } = steps.at(-1) ?? {};
    expect({ name, said }).toEqual({ name: "login", said: expect.stringMatching(words) });
    expect(said).toContain("does not answer in PostgreSQL's protocol");
    expect(hint).toContain("Check host and port");
  });

  it.each(noAnswers)("is told at whatever bytes its answer breaks: %s", (_, says, words) => {
    const check = createMessageCheck();
    expect(() => {
      for (const byte of says) check(Buffer.from([byte]), () => {});
      // What is cut off is known when no more can come of it.
      check(Buffer.alloc(40_000), () => {});
    }).toThrow(words);
  });

  it.each(badResults)("fails the step that reads, when it answers a statement by %s", async (_, says, words) => {
    const { ok, steps } = await stepsOf("postgresql", sourceAt(await serverThat(signedIn, says)));
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ name: "read", ok: false, message: expect.stringMatching(words) });
    expect(steps.at(-1)?.message).not.toContain("time limit");
  });

  it("is told by the way to sign in that it asks for", async () => {
    const { steps } = await stepsOf("postgresql", sourceAt(await serverThat(authentication(7))));
    expect(steps.at(-1)).toMatchObject({ name: "login", message: expect.stringContaining("GSSAPI") });
  });
});

describe("the check of messages", () => {
  const row = message("D", Buffer.concat([Buffer.from([0, 2]), int32(-1), int32(3), text("abc")]));
  const column = Buffer.concat([text("a\0"), Buffer.alloc(18), text("b\0"), Buffer.alloc(18)]);
  const session = Buffer.concat([
    message("N", text("SNOTICE\0Mhello\0\0")),
    ...[
      authentication(10, text("SCRAM-SHA-256\0\0")),
      authentication(11, text("r=x")),
      authentication(12, text("v=y")),
    ],
    ...[
      authentication(0),
      message("S", text("TimeZone\0UTC\0")),
      message("K", Buffer.alloc(8)),
      message("Z", text("I")),
    ],
    ...[
      message("1", Buffer.alloc(0)),
      message("2", Buffer.alloc(0)),
      message("T", Buffer.concat([Buffer.from([0, 2]), column])),
    ],
    ...[row, row, message("C", text("SELECT 2\0")), message("Z", text("T"))],
    ...[
      message("t", Buffer.concat([Buffer.from([0, 2]), Buffer.alloc(8)])),
      message("n", Buffer.alloc(0)),
      message("s", Buffer.alloc(0)),
    ],
    ...[message("H", Buffer.from([0, 0, 1, 0, 0])), message("d", text("1\t2\n")), message("c", Buffer.alloc(0))],
    ...[
      message("E", text("SERROR\0C42P01\0Mno\0\0")),
      message("A", Buffer.concat([int32(1), text("a\0b\0")])),
      message("Z", text("E")),
    ],
    message("D", Buffer.concat([Buffer.from([0, 2]), int32(-1), int32(100_000), Buffer.alloc(100_000, 97)])),
  ]);

  it.each([1, 2, 3, 7, 64, 1000, 1_000_000])("hands on what is right, unchanged, in pieces of %i bytes", (size) => {
    const check = createMessageCheck();
    const passed: Buffer[] = [];
    const pass = (whole: Buffer) => {
      passed.push(whole);
      let at = 0;
      while (at < whole.length) at += whole.readInt32BE(at + 1) + 1;
      // Never a part of a message.
      expect(at).toBe(whole.length);
    };
    for (let at = 0; at < session.length; at += size) check(session.subarray(at, at + size), pass);
    expect(Buffer.concat(passed).equals(session)).toBe(true);
  });

  it("either hands on or refuses whatever comes, at once", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    let refused = 0;
    for (let i = 0; i < 5_000; i++) {
      const bytes = Buffer.from(session.subarray(0, 400));
      for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256);
      try {
        createMessageCheck()(bytes, () => {});
      } catch (error) {
        expect(error).toMatchObject({ code: "SOURCE_UNREACHABLE" });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });
});
