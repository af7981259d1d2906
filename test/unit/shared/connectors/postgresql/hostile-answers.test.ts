import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { loadConnector } from "../../../../../shared/connectors/registry.js";
import { testConnectivity } from "../../../../../shared/looks/connectivity.js";

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on loopback that says its piece as soon as somebody speaks. */
async function serverThat(says: Buffer): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => socket.write(says));
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

async function stepsOf(type: string, properties: object) {
  const connector = await loadConnector(type);
  const source = connector.source.schema.parse(properties);
  return testConnectivity(connector, source, { timeoutMs: 1_500 });
}

describe("a server that answers PostgreSQL's client oddly", () => {
  it.each(answers)("fails the login of its own test, and nothing else: %s", async (_, says) => {
    const port = await serverThat(says);
    const account = { username: "u", password: "rake-and-hoe", database: "d", securityProtocol: "authTypeNone" };
    const { ok, steps } = await stepsOf("postgresql", { address: [{ host: "127.0.0.1", port }], ...account });
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ ok: false, hint: expect.any(String) });
    expect(["tls", "login", "exists"]).toContain(steps.at(-1)?.name);
    expect(JSON.stringify(steps)).not.toContain("rake-and-hoe");
  });

  it("is told by the way to sign in that it asks for", async () => {
    const port = await serverThat(authentication(7));
    const account = { username: "u", password: "p", database: "d", securityProtocol: "authTypeNone" };
    const { steps } = await stepsOf("postgresql", { address: [{ host: "127.0.0.1", port }], ...account });
    expect(steps.at(-1)).toMatchObject({ name: "login", message: expect.stringContaining("GSSAPI") });
  });
});
