import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guardedAgent } from "../../../../../shared/connectors/network/agent.js";
import { createGuard, guardedConnect } from "../../../../../shared/connectors/network/guard.js";
import { readPolicy } from "../../../../../shared/connectors/network/policy.js";
import { openGuardedProxy } from "../../../../../shared/connectors/network/proxy.js";

let server: Server;
let port: number;
let visitors: number;

beforeEach(async () => {
  visitors = 0;
  server = createServer((socket) => {
    visitors++;
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  delete process.env.SLUICE_NETWORK_DENY;
  server.close();
});

const metadata = { address: "100.100.100.200", family: 4 };
const loopback = { address: "127.0.0.1", family: 4 };

async function outcome(socket: ReturnType<typeof guardedConnect>): Promise<string> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  }).then((result) => {
    socket.destroy();
    return result as string;
  });
}

test("a name that stands for a denied address is refused, even beside a good one", async () => {
  const guard = createGuard(readPolicy({}), async () => [loopback, metadata]);
  await expect(guard.resolve("innocent.example.com")).rejects.toMatchObject({ code: "NETWORK_DENIED" });
  expect(await outcome(guard.socket().connect(port, "innocent.example.com"))).toBe("NETWORK_DENIED");
  expect(visitors).toBe(0);
});

test("a name that changes its address is connected to where it was checked", async () => {
  const answers = [[loopback], [metadata]];
  let asked = 0;
  const guard = createGuard(readPolicy({}), async () => answers[asked++] ?? [metadata]);
  const socket = guard.socket().connect(port, "rebinding.example.com");
  await once(socket, "connect");
  expect(socket.remoteAddress).toBe("127.0.0.1");
  expect(asked).toBe(1);
  socket.destroy();
});

test("IP addresses are checked too, in every spelling that the system understands", async () => {
  const guard = createGuard(readPolicy({ SLUICE_STAGE: "prod" }));
  for (const host of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "2130706433", "0x7f.1", "localhost"])
    expect([host, await outcome(guard.socket().connect({ host, port }))]).toEqual([host, "NETWORK_DENIED"]);
  expect(await outcome(guard.socket().connect({ path: "/nowhere" }))).toBe("NETWORK_DENIED");
  expect(visitors).toBe(0);
});

test("the environment's list holds for sockets and agents of this process", async () => {
  expect(await outcome(guardedConnect({ host: "127.0.0.1", port }))).toBe("connected");
  process.env.SLUICE_NETWORK_DENY = "127.0.0.0/8,::1";
  expect(await outcome(guardedConnect({ host: "127.0.0.1", port }))).toBe("NETWORK_DENIED");
  expect(await outcome(guardedConnect({ host: "localhost", port }))).toBe("NETWORK_DENIED");
  for (const host of ["127.0.0.1", "localhost"]) expect(await fetched(host)).toBe("NETWORK_DENIED");
  delete process.env.SLUICE_NETWORK_DENY;
  expect(await fetched("127.0.0.1")).toBe("200");
});

function fetched(host: string): Promise<string> {
  const agent = guardedAgent("http:", { keepAlive: false });
  return new Promise((resolve) => {
    const sent = request({ host, port, agent }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    sent.end();
  });
}

test("a tunnel leads where the guard allows, and tells what it refused", async () => {
  const failures: unknown[] = [];
  const proxy = await openGuardedProxy((error) => failures.push(error));
  const through = (path: string) =>
    new Promise<string>((resolve) => {
      const sent = request({ host: proxy.host, port: proxy.port, method: "CONNECT", path });
      sent.on("connect", (response, socket, head) => {
        const reply = (data: Buffer) => {
          socket.destroy();
          resolve(data.toString().slice(0, 15));
        };
        if (response.statusCode !== 200) reply(Buffer.from(String(response.statusCode)));
        else if (head.length > 0) reply(head);
        else socket.once("data", reply);
      });
      sent.end();
    });
  expect(await through(`127.0.0.1:${port}`)).toBe("HTTP/1.1 200 OK");
  expect(await through("100.100.100.200:80")).toBe("502");
  expect(failures).toMatchObject([{ code: "NETWORK_DENIED" }]);
  await proxy.close();
});
