import { createHash, randomBytes } from "node:crypto";
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
const document = openApiDocument(routes, {}) as { components: { schemas: Record<string, object> } };

/** A request to a route: made after its schema, then spoiled in places; now and then plain nonsense. */
function event(route: (typeof routes)[number], number: number): object {
  const part = () =>
    encodeURIComponent(wellFormed(random.pick(["orders", "r0", "a b", "ü", "..", "%", textOf(random)])) || "x");
  const path = route.path.replace(/\{\w+\}/g, part);
  const query = (route.query as { shape?: object } | undefined)?.shape ?? {};
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

/** Halves of surrogate pairs cannot stand in an address. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function schemaNameOf(route: (typeof routes)[number]): string | undefined {
  const described = document as unknown as { paths: Record<string, Record<string, { requestBody?: object }>> };
  const { requestBody } = described.paths[route.path]?.[route.method.toLowerCase()] ?? {};
  return /schemas\/(\w+)"/.exec(JSON.stringify(requestBody ?? {}))?.[1];
}

const context = () => ({
  requestId: randomBytes(8).toString("hex"),
  function: { name: "sluice-dev-api", timeout: 60, memory: 1024 },
  region: sluice.cloud.region,
  accountId: sluice.cloud.credentials.accountId,
});

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
        const since = performance.now();
        // biome-ignore lint/suspicious/noExplicitAny: the handler's declared context is the platform's own
        const answer: any = await handler(Buffer.from(JSON.stringify(asked)) as never, context() as never);
        const tookMs = performance.now() - since;
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
    await Promise.all(Array.from({ length: 16 }, work));
    expect(failures.slice(0, 10)).toEqual([]);
    // Random, but not so random that nothing gets through.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404]));
  });
});
