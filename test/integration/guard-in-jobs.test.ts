import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadConnector } from "../../shared/connectors/registry.js";
import type { JsonObject } from "../../shared/model/json.js";
import { patience } from "../servers/pace.mjs";

let server: Server;
let port: number;
let visitors: number;

beforeEach(async () => {
  visitors = 0;
  server = createServer(() => visitors++).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  process.env.SLUICE_NETWORK_DENY = "127.0.0.0/8 ::1";
});
afterEach(() => {
  vi.useRealTimers();
  delete process.env.SLUICE_NETWORK_DENY;
  server.close();
});

const key = { accessId: "LTAItest", accessKey: "very-secret-8" };
const columns = [{ name: "id", type: "string" }];

const sides: Record<string, (host: string) => { source: JsonObject; params: JsonObject }> = {
  mysql: (host) => ({
    source: { host, port, database: "shop", username: "reader", password: "very-secret-7" },
    params: { datasource: "shop", table: "orders", column: ["id"] },
  }),
  sqlserver: (host) => ({
    source: { host, port, database: "shop", username: "reader", password: "very-secret-7" },
    params: { datasource: "shop", table: "orders", column: ["id"] },
  }),
  oss: (host) => ({
    source: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
    params: { datasource: "shop", object: ["orders/"], fileFormat: "text", column: [{ index: 0, type: "string" }] },
  }),
  s3: (host) => ({
    source: { endpoint: `http://${host}:${port}`, bucket: "shop", ...key },
    params: { datasource: "shop", object: ["orders/"], fileFormat: "text", column: [{ index: 0, type: "string" }] },
  }),
  ots: (host) => ({
    source: { endpoint: `http://${host}:${port}`, instanceName: "shop", ...key },
    params: { datasource: "shop", table: "orders", column: columns, range: { begin: [], end: [] } },
  }),
};

/** What a job of each type does first: look at its columns and cut the source into splits. */
test.each(Object.keys(sides).flatMap((type) => ["127.0.0.1", "localhost"].map((host) => [type, host] as const)))(
  "a %s job is kept from %s when the guard refuses it, at once and without a retry",
  async (type, host) => {
    const { reader, source } = await loadConnector(type);
    const given = sides[type]?.(host);
    if (!reader || !given) throw new Error("no reader");
    const parsed = source.schema.parse(given.source);
    const side = {
      source: parsed,
      sources: { shop: parsed },
      params: reader.params.parse(given.params),
      timeZone: null,
      signal: AbortSignal.timeout(patience(2_000)),
    };
    // A retry would wait for ever.
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const failure = await (async () => {
      await reader.columns(side);
      await reader.split(side, 2);
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "NETWORK_DENIED", recovery: "fix" });
    expect(visitors).toBe(0);
  },
);
