import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { guardedAgent } from "../../shared/connectors/network/agent.js";
import { createGuard } from "../../shared/connectors/network/guard.js";
import { readPolicy } from "../../shared/connectors/network/policy.js";
import { loadConnector } from "../../shared/connectors/registry.js";
import { freePort } from "../servers/server-process.js";

afterEach(() => {
  delete process.env.SLUICE_NETWORK_DENY;
});

/** Addresses in a text that was made for a host which is a name. */
const addressesIn = (text: string) => text.match(/\b\d{1,3}(\.\d{1,3}){3}\b|::1/g) ?? [];

const account = { database: "d", username: "u", password: "p" };
const key = { accessId: "LTAI", accessKey: "k" };

/** A data source of each type at a host. */
const everywhere = (host: string, port: number) => ({
  ...Object.fromEntries(
    ["mysql", "postgresql", "sqlserver", "oracle", "ads"].map((type) => [type, { host, port, ...account }]),
  ),
  oss: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
  s3: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
  ots: { endpoint: `http://${host}:${port}`, instanceName: "shop", ...key },
});

async function checkReport(type: string, properties: object): Promise<string> {
  const { source, check } = await loadConnector(type);
  return JSON.stringify(await check?.(source.schema.parse(properties), AbortSignal.timeout(5_000)));
}

describe("the address that a name stands for", () => {
  it("is in no step of a test, whether the port is closed, open or refused", async () => {
    const closed = await freePort();
    const odd = createServer((_, response) => response.end("no")).listen(0, "127.0.0.1");
    await new Promise((resolve) => odd.once("listening", resolve));
    const { port } = odd.address() as AddressInfo;
    for (const [type, properties] of Object.entries(everywhere("localhost", closed)))
      expect([type, addressesIn(await checkReport(type, properties))]).toEqual([type, []]);
    for (const [type, properties] of Object.entries(everywhere("localhost", port)))
      expect([type, addressesIn(await checkReport(type, properties))]).toEqual([type, []]);
    odd.close();
    process.env.SLUICE_NETWORK_DENY = "127.0.0.0/8 ::1";
    for (const [type, properties] of Object.entries(everywhere("localhost", closed))) {
      const steps = await checkReport(type, properties);
      expect(steps).toContain("SLUICE_NETWORK_DENY");
      expect([type, addressesIn(steps)]).toEqual([type, []]);
    }
  });

  it("is in no error of a socket or of a request, whose own field keeps it for the log", async () => {
    const port = await freePort();
    const guard = createGuard(readPolicy({}), async () => [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ]);
    const socket = guard.socket().connect(port, "db.example");
    const error = await new Promise<Error & { errors?: Error[] }>((resolve) => socket.once("error", resolve));
    for (const { message } of [error, ...(error.errors ?? [])]) expect(addressesIn(message)).toEqual([]);
    expect(JSON.stringify(error.errors ?? error)).toContain("127.0.0.1");
    const { request } = await import("node:http");
    const sent = request({ host: "localhost", port, agent: guardedAgent("http:") });
    const failure = await new Promise<Error>((resolve) => sent.once("error", resolve).end());
    expect(addressesIn(failure.message)).toEqual([]);
  });

  it("is not told by a refusal, where an address that was written is repeated", async () => {
    const guard = createGuard(readPolicy({ SLUICE_NETWORK_DENY: "10.0.0.0/8" }), async () => [
      { address: "10.1.2.3", family: 4 },
    ]);
    await expect(guard.resolve("db.example")).rejects.toThrow(
      "connecting to db.example is not allowed: its address is in SLUICE_NETWORK_DENY",
    );
    expect(() => guard.checkLiteral("10.1.2.3")).toThrow("10.1.2.3 is in SLUICE_NETWORK_DENY");
  });
});
