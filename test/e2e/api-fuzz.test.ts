import { createHash, randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { handler } from "../../functions/api/handler.js";
import { routes } from "../../functions/api/routes.js";
import { openApiDocument } from "../../shared/http/openapi.js";
import { patience } from "../servers/pace.mjs";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { makeRandom, mutated, nonsense, textOf } from "./fuzz-values.js";

const CALLS = Number(process.env.SLUICE_FUZZ_CALLS ?? 10_000);
const SLOWEST_MS = patience(1_500);
const TOKEN = randomBytes(16).toString("hex");

let sluice: TestSluice;
const before = { ...process.env };

beforeAll(async () => {
  // A line per request helps nobody here.
  vi.spyOn(console, "log").mockImplementation(() => {});
  sluice = await startSluice();
  const { endpoints, credentials } = sluice.cloud;
  // The handler runs in this process, on the real servers of the local cloud: HTTP and process hops would cost minutes.
  Object.assign(process.env, {
    SLUICE_OTS_ENDPOINT: endpoints.tablestore,
    SLUICE_OTS_INSTANCE: "sluice-dev",
    SLUICE_OSS_ENDPOINT: endpoints.oss,
    SLUICE_OSS_BUCKET: "sluice-dev",
    SLUICE_FC_ENDPOINT: endpoints.fc,
    // Shard functions, which test connections, open what is sealed here.
    SLUICE_MASTER_KEY: sluice.cloud.environment.SLUICE_MASTER_KEY,
    SLUICE_API_TOKEN_HASH: createHash("sha256").update(TOKEN).digest("hex"),
    SLUICE_AUTO_BOOTSTRAP: "1",
    SLUICE_RATE_LIMIT: "1000000",
    ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret,
  });
});

afterAll(async () => {
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await sluice.close();
});

const random = makeRandom(20261120);
const document = openApiDocument(routes, {}) as unknown as { components: { schemas: Record<string, object> } };

/** A request to a route: made after its schema, then spoiled in places; now and then plain nonsense. */
function event(route: (typeof routes)[number], number: number): object {
  const part = () =>
    encodeURIComponent(wellFormed(random.pick(["orders", "r0", "a b", "ü", "..", "%", textOf(random)])) || "x");
  const path = route.path.replace(/\{\w+\}/g, part);
  const query = (route.query as unknown as { shape?: object } | undefined)?.shape ?? {};
  const fields = [...Object.keys(query), textOf(random)].filter(() => random.chance(0.5));
  const name = schemaNameOf(route);
  const body = name
    ? mutated(random, { $ref: `#/components/schemas/${name}` }, document.components.schemas)
    : nonsense(random);
  const text = random.chance(0.03) ? textOf(random) : JSON.stringify(body);
  const headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` };
  if (random.chance(0.1)) headers["idempotency-key"] = random.pick([`k${number % 7}`, "", "a b", textOf(random)]);
  if (random.chance(0.1)) headers["if-match"] = random.pick(['"1"', "*", "x", textOf(random)]);
  if (random.chance(0.02)) headers["x-sluice-workspace"] = random.pick(["other", "", textOf(random)]);
  return {
    version: "v1",
    rawPath: path,
    headers,
    queryParameters: Object.fromEntries(
      fields.map((field) => [field, random.pick(["1", "0", "-1", "500", "1e9", "", textOf(random)])]),
    ),
    body: route.method === "GET" ? "" : (text ?? ""),
    isBase64Encoded: false,
    requestContext: { http: { method: route.method } },
  };
}

/** Bodies that cost whoever is not careful: 1 MB, nested 5,000 deep and more, of one thing very often. */
const MEGABYTE = 1024 * 1024;
const heavyValues: Readonly<Record<string, string>> = {
  "a long text": JSON.stringify("a".repeat(MEGABYTE)),
  "many digits": "9".repeat(MEGABYTE),
  "a long list": `[${"1,".repeat(MEGABYTE / 2)}1]`,
  "many keys": `{${Array.from({ length: 60_000 }, (_, i) => `"key${i}":""`).join(",")}}`,
  "very deep lists": "[".repeat(500_000) + "]".repeat(500_000),
  "deep objects": `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`,
  "deep objects that do not end": '{"a":'.repeat(200_000),
};

/** A request whose body is one heavy value, or has it in place of each of its fields in turn. */
function* heavyEvents(): Generator<{ route: (typeof routes)[number]; what: string; asked: object }> {
  let turn = 0;
  for (const route of routes.filter(({ body }) => body)) {
    const fields = Object.keys((route.body as { shape?: object } | undefined)?.shape ?? {});
    // Some for each route, all for some: time is dear.
    for (const [i, [what, value]] of Object.entries(heavyValues).entries()) {
      if ((i + route.path.length) % 3 !== 0) continue;
      const field = fields.length === 0 ? null : (fields[turn++ % fields.length] ?? null);
      const body = turn % 3 === 0 || field === null ? value : `{${JSON.stringify(field)}:${value}}`;
      yield { route, what: `${what} as ${field}`, asked: { ...event(route, turn), body } };
    }
  }
}

/** Halves of surrogate pairs cannot stand in an address. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function schemaNameOf(route: (typeof routes)[number]): string | undefined {
  const described = document as unknown as {
    paths: Record<string, Record<string, { requestBody?: object }>>;
  };
  const { requestBody } = described.paths[route.path]?.[route.method.toLowerCase()] ?? {};
  return /schemas\/(\w+)"/.exec(JSON.stringify(requestBody ?? {}))?.[1];
}

const context = () => ({
  requestId: randomBytes(8).toString("hex"),
  function: { name: "sluice-dev-api", timeout: 60, memory: 1024 },
  region: sluice.cloud.region,
  accountId: sluice.cloud.credentials.accountId,
});

/** The answer to an event, and how long it took. */
async function timed(asked: object) {
  const since = performance.now();
  // biome-ignore lint/suspicious/noExplicitAny: the handler's declared context is the platform's own
  const answer: any = await handler(Buffer.from(JSON.stringify(asked)) as never, context() as never);
  return { answer, tookMs: performance.now() - since };
}

describe("the API under random requests", () => {
  it(`answers ${CALLS} of them, never with a 5xx, never late`, async () => {
    const failures: string[] = [];
    const statuses = new Map<number, number>();
    let next = 0;
    const work = async () => {
      for (let number = next++; number < CALLS; number = next++) {
        const route = routes[number % routes.length];
        if (!route) continue;
        const asked = event(route, number);
        const { answer, tookMs } = await timed(asked);
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        const isWell = answer.statusCode < 500 && tookMs < SLOWEST_MS && answer.headers["x-request-id"];
        if (!isWell)
          failures.push(
            `${route.method} ${route.path} ${Math.round(tookMs)} ms ${answer.body} ← ${JSON.stringify(asked)}`.slice(
              0,
              1500,
            ),
          );
      }
    };
    // Meanwhile sources are looked into that take all the time that they are given.
    const slow = slowRequests();
    await Promise.all(Array.from({ length: 16 }, work));
    expect(await slow).toEqual([]);
    expect(failures.slice(0, 10)).toEqual([]);
    // Random, but not so random that nothing gets through.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404]));
  });

  it("refuses or stores bodies of 1 MB and more, however deep, and keeps nothing of them", async () => {
    const failures: string[] = [];
    const heavy = [...heavyEvents()];
    const refuse = async ({ route, what, asked }: (typeof heavy)[number]) => {
      const { answer, tookMs } = await timed(asked);
      if (answer.statusCode >= 500 || tookMs > SLOWEST_MS)
        failures.push(`${route.method} ${route.path}, ${what}: ${answer.statusCode} ${Math.round(tookMs)} ms`);
      // An answer that repeats what was sent would be as heavy.
      if (answer.statusCode >= 400 && answer.body.length > 100_000)
        failures.push(`${route.method} ${route.path}, ${what}: an answer of ${answer.body.length} characters`);
    };
    // The first round also stores what may be stored, in the local cloud of this process.
    for (const one of heavy) await refuse(one);
    const first = await heapBytes();
    for (const one of heavy) await refuse(one);
    const last = await heapBytes();
    expect((last - first) / MEGABYTE).toBeLessThan(32);
    expect(failures).toEqual([]);
  });
});

/** What is used after all garbage is collected. */
async function heapBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
  return process.memoryUsage().heapUsed;
}

/** Tests and looks at servers that accept connections and say nothing, or one byte in a while; returns what went wrong. */
async function slowRequests(): Promise<string[]> {
  const sockets = new Set<Socket>();
  const servers = await Promise.all(
    [0, 400].map(async (dripMs) => {
      const server = createServer((socket) => {
        sockets.add(socket);
        const drip = dripMs && setInterval(() => socket.write("\0"), dripMs);
        socket.on("error", () => {}).on("close", () => clearInterval(drip));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const tests = servers.flatMap((server) =>
    ["mysql", "postgresql", "sqlserver", "oracle", "ads"].map((type) =>
      testOf(type, (server.address() as AddressInfo).port),
    ),
  );
  const failures = (await Promise.all(tests)).flatMap((failure) => failure ?? []);
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  return failures;
}

async function testOf(type: string, port: number): Promise<string | null> {
  const properties = { host: "127.0.0.1", port, database: "d", username: "u", password: "p" };
  const { answer, tookMs } = await timed({
    ...{ version: "v1", rawPath: "/v1/data-source-tests", headers: { authorization: `Bearer ${TOKEN}` } },
    ...{ queryParameters: {}, body: JSON.stringify({ type, properties }), isBase64Encoded: false },
    requestContext: { http: { method: "POST" } },
  });
  const { ok, steps = [] } = JSON.parse(answer.body);
  const isReported = answer.statusCode === 200 && ok === false && steps.at(-1)?.ok === false;
  return isReported && tookMs < patience(20_000)
    ? null
    : `${type}: ${answer.statusCode} ${Math.round(tookMs)} ms ${answer.body}`;
}
