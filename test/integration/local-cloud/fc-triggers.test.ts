import { createRequire } from "node:module";
import type OSS from "ali-oss";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resource, type Stage, stage, until } from "./fc-cloud.js";

const handlers = {
  web: `
    exports.mirror = async (event) => ({ statusCode: 201, headers: { "Content-Type": "application/json", "X-Own": "1", "X-Fc-Own": "2", Server: "3" },
      body: JSON.parse(event.toString()) });
    exports.api = async (event) => {
      const { rawPath, requestContext: { http: { method } } } = JSON.parse(event.toString());
      if (rawPath === "/bytes") return { statusCode: 200, headers: { "Content-Type": "image/png" }, isBase64Encoded: true, body: Buffer.from([0, 255, 128]).toString("base64") };
      if (rawPath === "/fail") throw new Error("broken page");
      if (rawPath === "/bad") return { statusCode: "soon" };
      if (rawPath === "/text") return "just text";
      if (rawPath === "/json") return JSON.stringify({ statusCode: 404, body: "as json" });
      return { method, rawPath };
    };`,
  events: `exports.print = async (event) => { console.log("EVENT " + event.toString()); };`,
};
const manifest = `
resources:
${resource("web-mirror", "web.mirror", "      triggers: [{ triggerName: http, triggerType: http, triggerConfig: { authType: anonymous, methods: [GET, POST] } }]\n")}
${resource("web-api", "web.api", "      triggers: [{ triggerName: http, triggerType: http, triggerConfig: { authType: anonymous, methods: [GET, POST, HEAD] } }]\n")}
${resource(
  "listener",
  "events.print",
  `      triggers:
        - { triggerName: minutely, triggerType: timer, triggerConfig: { cronExpression: '@every 1m', enable: true, payload: '{"kind":"tick"}' } }
        - { triggerName: asleep, triggerType: timer, triggerConfig: { cronExpression: '0 * * * * *', enable: false, payload: zzz } }
        - triggerName: uploads
          triggerType: oss
          sourceArn: acs:oss:cn-hangzhou:\${config('AccountID')}:landing
          triggerConfig:
            events: [oss:ObjectCreated:PutObject, oss:ObjectCreated:Append*, oss:ObjectRemoved:DeleteObject]
            filter: { key: { prefix: in/, suffix: .csv } }
`,
)}
`;

let it: Stage;
// biome-ignore lint/suspicious/noExplicitAny: events of any shape
const allEvents = (): any[] =>
  it.lines.flatMap((line) => (line.includes("EVENT ") ? [JSON.parse(line.slice(line.indexOf("EVENT ") + 6))] : []));

/** What a timer rang. The clock of the machine may come to a full minute at any time: `year` tells whose ring it was. */
const rings = (name: string, year: number) =>
  allEvents().filter(({ triggerName, triggerTime }) => triggerName === name && triggerTime.startsWith(String(year)));

beforeAll(async () => {
  it = await stage(handlers, manifest, { sync: false, timers: true });
});
beforeEach(() => {
  it.lines.splice(0);
  it.cloud.clock.real();
});
afterAll(() => it.close());

describe("HTTP triggers", () => {
  const url = (path: string) => `${it.cloud.endpoints.api}${path}`;

  test("turn a request into FC 3.0's event and the returned object into the answer", async () => {
    const answer = await fetch(url("/web-mirror/a%20b/c?x=1&x=2&y=%26"), {
      method: "POST",
      headers: { "content-type": "application/json", "x-multi-part": "v" },
      body: '{"ä":1}',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-own")).toBe("1");
    expect(answer.headers.get("x-fc-own")).toBeNull();
    expect(answer.headers.get("server")).toBeNull();
    expect(answer.headers.get("x-fc-request-id")).toMatch(/^1-/);
    const event = JSON.parse(await answer.text());
    expect(event).toMatchObject({
      version: "v1",
      rawPath: "/a%20b/c",
      headers: { "Content-Type": "application/json", "X-Multi-Part": "v" },
      queryParameters: { x: "1,2", y: "&" },
      body: '{"ä":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: it.cloud.credentials.accountId,
        http: { method: "POST", path: "/a b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      },
    });
    expect(event.requestContext.requestId).toBe(answer.headers.get("x-fc-request-id"));
    expect(event.requestContext.timeEpoch).toMatch(/^\d{13}$/);
    expect(event.requestContext.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test("carry binary bodies in base64, both ways", async () => {
    const sent = await fetch(url("/svc/web-mirror/up"), {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: new Uint8Array([0, 159, 146, 150]),
    });
    const event = JSON.parse(await sent.text());
    expect(event).toMatchObject({ rawPath: "/up", isBase64Encoded: true, body: "AJ+Slg==" });
    const got = await fetch(url("/bytes"));
    expect(got.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]));
  });

  test("answer at the root for the function named -api", async () => {
    expect(await (await fetch(url("/runs/7?x=1"))).json()).toEqual({ method: "GET", rawPath: "/runs/7" });
    expect(await (await fetch(url("/web-api"))).json()).toEqual({ method: "GET", rawPath: "/" });
    expect((await fetch(url("/runs"), { method: "HEAD" })).status).toBe(200);
    const text = await fetch(url("/text"));
    expect(text.headers.get("content-type")).toBe("application/json");
    expect(await text.text()).toBe("just text");
    const json = await fetch(url("/json"));
    expect([json.status, await json.text()]).toEqual([404, "as json"]);
  });

  test("report failures, bad responses and methods that the trigger does not take", async () => {
    const failed = await fetch(url("/fail"));
    expect([failed.status, failed.headers.get("x-fc-error-type")]).toEqual([502, "UnhandledInvocationError"]);
    expect(await failed.json()).toMatchObject({ errorMessage: "broken page" });
    expect((await fetch(url("/bad"))).status).toBe(502);
    expect((await fetch(url("/runs"), { method: "DELETE" })).status).toBe(405);
    expect((await fetch(url(`/runs?${"x".repeat(4100)}`))).status).toBe(400);
  });

  test("take async requests", async () => {
    const headers = { "x-fc-invocation-type": "Async", "x-fc-async-task-id": `web-${Date.now()}` };
    expect((await fetch(url("/runs"), { headers })).status).toBe(202);
    expect((await fetch(url("/runs"), { headers })).status).toBe(409);
    const large = { method: "POST", headers: { "x-fc-invocation-type": "Async" }, body: "x".repeat(140_000) };
    expect((await fetch(url("/runs"), large)).status).toBe(400);
  });
});

describe("timers", () => {
  // A timer does not ring twice for one moment: each try has a year of its own.
  let year = 2030;

  test("ring by the clock, with the moment that was due", async () => {
    year += 1;
    const events = () => rings("minutely", year);
    it.cloud.clock.set(Date.UTC(year, 0, 2, 3, 3, 30));
    await until(() => events().length === 1);
    it.cloud.clock.advance(31_000);
    await until(() => events().length === 2);
    expect(events()[1]).toEqual({
      triggerTime: `${year}-01-02T03:04:00Z`,
      triggerName: "minutely",
      payload: '{"kind":"tick"}',
    });
    it.cloud.clock.advance(10 * 60_000);
    await until(() => events().length === 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const times = events().map((event) => event.triggerTime.slice(4));
    expect(times).toEqual(["-01-02T03:03:00Z", "-01-02T03:04:00Z", "-01-02T03:14:00Z"]);
  });

  test("ring when they are told to, disabled ones too", async () => {
    await it.cloud.tick("asleep", new Date("2030-05-06T07:08:09.999Z"));
    await until(() => rings("asleep", 2030).length === 1);
    expect(rings("asleep", 2030)).toEqual([
      { triggerTime: "2030-05-06T07:08:09Z", triggerName: "asleep", payload: "zzz" },
    ]);
    await expect(it.cloud.tick("nobody", new Date())).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("OSS triggers", () => {
  test("fire for the subscribed events, prefix, suffix and bucket only", async () => {
    const Client: typeof OSS = createRequire(import.meta.url)("ali-oss");
    const { accessKeyId, accessKeySecret } = it.cloud.credentials;
    const options = {
      accessKeyId,
      accessKeySecret,
      endpoint: it.cloud.endpoints.oss,
      sldEnable: true,
      region: "oss-cn-hangzhou",
    };
    const client = new Client(options);
    for (const bucket of ["landing", "elsewhere"]) {
      await client.putBucket(bucket);
      client.useBucket(bucket);
      await client.put("in/a b.csv", Buffer.from("1,2\n"));
    }
    client.useBucket("landing");
    await client.put("in/a.txt", Buffer.from("x"));
    await client.put("out/a.csv", Buffer.from("x"));
    await client.copy("in/copy.csv", "in/a b.csv");
    await client.delete("in/a b.csv");
    const uploads = () => allEvents().flatMap(({ events = [] }) => events);
    await until(() => uploads().length >= 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const seen = uploads();
    expect(seen.map((event) => [event.eventName, event.oss.bucket.name, event.oss.object.key]).sort()).toEqual([
      ["ObjectCreated:PutObject", "landing", "in/a b.csv"],
      ["ObjectRemoved:DeleteObject", "landing", "in/a b.csv"],
    ]);
    const put = seen.find((event) => event.eventName === "ObjectCreated:PutObject");
    expect(put).toMatchObject({
      eventSource: "acs:oss",
      eventVersion: "1.0",
      region: "cn-hangzhou",
      oss: { object: { size: 4, deltaSize: 4 }, bucket: { ownerIdentity: it.cloud.credentials.accountId } },
    });
    expect(put.oss.object.eTag).toMatch(/^[0-9A-F]{32}$/);
  });
});
