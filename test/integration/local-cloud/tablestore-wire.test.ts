import { createHash, createHmac } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import * as TableStore from "tablestore";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  codeOf,
  credentials,
  ignore,
  long,
  plain,
  refusal,
  type SdkClient,
  startTablestore,
  type TestServer,
  tableOf,
} from "./tablestore-server.js";

let server: TestServer;
let client: SdkClient;

beforeEach(async () => {
  server = await startTablestore();
  client = server.client();
});
afterEach(() => server.stop());

const authFailed = { code: "OTSAuthFailed", status: 403 };
const key = { tableName: "wired", primaryKey: [{ p: "x" }] };
const increment = () =>
  client.updateRow({
    ...key,
    condition: ignore(),
    updateOfAttributeColumns: [{ INCREMENT: [{ n: long(1) }] }],
  });
const count = async () => plain((await client.getRow(key)).row).n;

interface RawAnswer {
  readonly status: number | undefined;
  readonly code: string;
  readonly text: string;
  readonly headers: Record<string, unknown>;
}

/** Sends a request signed by hand; `change` may spoil it before or after signing. */
function raw(change: {
  path?: string;
  method?: string;
  body?: Buffer;
  headers?: Record<string, string | undefined>;
  after?: Record<string, string>;
  agent?: Agent;
}): Promise<RawAnswer> {
  const { path = "/ListTable", method = "POST", body = Buffer.alloc(0) } = change;
  const headers: Record<string, string> = {};
  const wanted: Record<string, string | undefined> = {
    "x-ots-apiversion": "2015-12-31",
    "x-ots-instancename": "unit",
    "x-ots-date": new Date().toISOString(),
    "x-ots-accesskeyid": credentials.accessKeyId,
    "x-ots-contentmd5": createHash("md5").update(body).digest("base64"),
    ...change.headers,
  };
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) headers[name] = value;
  const lines = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const signed = `${path.split("?")[0]}\nPOST\n\n${lines.join("")}`;
  headers["x-ots-signature"] = createHmac("sha1", credentials.accessKeySecret).update(signed).digest("base64");
  Object.assign(headers, change.after, { "content-length": String(body.length) });
  return new Promise((resolve, reject) => {
    const { agent } = change;
    const target = { host: "127.0.0.1", port: server.port, path, method, headers, ...(agent ? { agent } : {}) };
    const sent = httpRequest(target, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode, code: codeOf(text), text, headers: answer.headers });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("Authentication", () => {
  it("accepts the SDK's signature, with and without a session token", async () => {
    expect((await client.listTable({})).tableNames).toEqual([]);
    const withToken = server.client({ stsToken: credentials.securityToken });
    expect((await withToken.listTable({})).tableNames).toEqual([]);
  });

  it("refuses an unknown key, a wrong secret and a wrong token with 403", async () => {
    const listed = (options: object) => refusal(server.client(options).listTable({}));
    expect(await listed({ accessKeyId: "nobody" })).toEqual(authFailed);
    expect(await listed({ secretAccessKey: "wrong" })).toEqual(authFailed);
    expect(await listed({ stsToken: "wrong" })).toEqual(authFailed);
  });

  it("refuses clocks more than 15 minutes apart, both ways", async () => {
    const at = (minutes: number) =>
      raw({ headers: { "x-ots-date": new Date(Date.now() + minutes * 60_000).toISOString() } });
    expect(await at(-14)).toMatchObject({ status: 200 });
    expect(await at(14)).toMatchObject({ status: 200 });
    expect(await at(-16)).toMatchObject(authFailed);
    expect(await at(16)).toMatchObject(authFailed);
  });

  it("refuses a body that is not the one whose digest was signed", async () => {
    const other = createHash("md5").update("other").digest("base64");
    expect(await raw({ headers: { "x-ots-contentmd5": other } })).toMatchObject(authFailed);
  });

  it("refuses headers that were changed or added after signing", async () => {
    expect(await raw({ after: { "x-ots-instancename": "another" } })).toMatchObject(authFailed);
    expect(await raw({ after: { "x-ots-extra": "1" } })).toMatchObject(authFailed);
  });

  it("shows what the server signed, without the token", async () => {
    const token = { "x-ots-ststoken": credentials.securityToken };
    const { text } = await raw({ headers: token, after: { "x-ots-signature": "wrong" } });
    expect(text).toContain("/ListTable\nPOST\n\nx-ots-accesskeyid:local-key\n");
    expect(text).toContain("x-ots-ststoken:***");
    expect(text).not.toContain(credentials.securityToken);
    expect(text).not.toContain(credentials.accessKeySecret);
  });

  it.each(["apiversion", "instancename", "date", "accesskeyid", "contentmd5"])(
    "refuses a request without x-ots-%s with 400",
    async (name) => {
      const answer = await raw({ headers: { [`x-ots-${name}`]: undefined } });
      expect(answer).toMatchObject({ status: 400, code: "OTSParameterInvalid" });
    },
  );

  it("refuses a malformed date and another API version with 400", async () => {
    const invalid = { status: 400, code: "OTSParameterInvalid" };
    expect(await raw({ headers: { "x-ots-date": "yesterday" } })).toMatchObject(invalid);
    expect(await raw({ headers: { "x-ots-apiversion": "2014-08-08" } })).toMatchObject(invalid);
  });
});

describe("Transport", () => {
  it("answers with request id, date and the digest of the body", async () => {
    const { headers } = await raw({});
    expect(headers).toMatchObject({
      "x-ots-requestid": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "x-ots-contentmd5": createHash("md5").digest("base64"),
      "x-ots-contenttype": "protocol buffer",
    });
    expect(Math.abs(Date.parse(String(headers["x-ots-date"])) - Date.now())).toBeLessThan(60_000);
    await client.createTable(tableOf("wired", { p: "STRING" }));
    expect((await client.getRow(key)).RequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("signs what it answers to a sender it knows, as the Java, Python and Go clients demand", async () => {
    server.clock.aheadMs = 3_600_000;
    const signatureOf = (headers: RawAnswer["headers"], path: string) => {
      const own = Object.keys(headers).filter((name) => name.startsWith("x-ots-"));
      const text = `${own
        .sort()
        .map((name) => `${name}:${headers[name]}`)
        .join("\n")}\n${path}`;
      return `OTS ${credentials.accessKeyId}:${createHmac("sha1", credentials.accessKeySecret).update(text).digest("base64")}`;
    };
    for (const path of ["/ListTable", "/NoSuchOperation"]) {
      const { headers } = await raw({ path });
      expect(headers.authorization).toBe(signatureOf(headers, path));
      // They also refuse a date far from their own clock, wherever the service's was moved to.
      expect(Math.abs(Date.parse(String(headers["x-ots-date"])) - Date.now())).toBeLessThan(60_000);
    }
    const refused = await raw({ after: { "x-ots-signature": "wrong" } });
    expect(refused).toMatchObject(authFailed);
    expect(refused.headers.authorization).toBeUndefined();
  });

  it("refuses unknown operations, methods and bodies, and goes on over the same connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const large = Buffer.alloc(5 * 1024 * 1024 + 1);
    expect(await raw({ agent, path: "/Search" })).toMatchObject({ status: 400, code: "OTSParameterInvalid" });
    expect(await raw({ agent, method: "GET" })).toMatchObject({ status: 405, code: "OTSMethodNotAllowed" });
    expect(await raw({ agent, path: "/GetRow" })).toMatchObject({ status: 400, code: "OTSParameterInvalid" });
    const garbled = { agent, path: "/GetRow", body: Buffer.from([0xff, 0xff, 0xff]) };
    expect(await raw(garbled)).toMatchObject({ status: 400, code: "OTSParameterInvalid" });
    expect(await raw({ agent, body: large })).toMatchObject({ status: 413, code: "OTSRequestBodyTooLarge" });
    expect(await raw({ agent })).toMatchObject({ status: 200 });
    agent.destroy();
  });

  it("reports each answered call with the tables it names", async () => {
    await client.createTable(tableOf("wired", { p: "STRING" }));
    await client.createTable(tableOf("other", { p: "STRING" }));
    await client.listTable({});
    await refusal(client.getRow({ ...key, tableName: "nowhere" }));
    const primaryKey = [[{ p: "x" }]];
    const names = ["wired", "other"];
    await client.batchGetRow({ tables: names.map((tableName) => ({ tableName, primaryKey })) });
    expect(server.calls).toEqual([
      { operation: "CreateTable", resource: "instance/unit/table/wired", status: 200 },
      { operation: "CreateTable", resource: "instance/unit/table/other", status: 200 },
      { operation: "ListTable", resource: "instance/unit", status: 200 },
      { operation: "GetRow", resource: "instance/unit/table/nowhere", status: 404 },
      { operation: "BatchGetRow", resource: "instance/unit/table/wired", status: 200 },
      { operation: "BatchGetRow", resource: "instance/unit/table/other", status: 200 },
    ]);
  });
});

describe("Faults", () => {
  beforeEach(async () => {
    await client.createTable(tableOf("wired", { p: "STRING" }));
  });

  it.each([
    [429, "OTSOperationThrottled"],
    [500, "OTSInternalServerError"],
    [503, "OTSServerBusy"],
  ] as const)("answer %i in place of the work", async (status, code) => {
    server.faults.push({ kind: "status", status });
    expect(await refusal(increment())).toEqual({ code, status });
    expect(await count()).toBeUndefined();
  });

  it("are used up one per call", async () => {
    server.faults.push({ kind: "status", status: 503 });
    await refusal(increment());
    await increment();
    expect(await count()).toBe("1n");
  });

  it("drop the response after the work was done", async () => {
    server.faults.push({ kind: "dropResponse" });
    expect(await refusal(increment())).toMatchObject({ status: "NetworkingError" });
    expect(await count()).toBe("1n");
  });

  it("delay the work", async () => {
    server.faults.push({ kind: "delay", ms: 80 });
    const started = Date.now();
    await increment();
    expect(Date.now() - started).toBeGreaterThanOrEqual(75);
  });

  it("deliver a request twice and answer with the first result", async () => {
    server.faults.push({ kind: "twice" });
    await increment();
    expect(await count()).toBe("2n");
    server.faults.push({ kind: "twice" });
    const once = new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_NOT_EXIST, null);
    await client.putRow({ ...key, primaryKey: [{ p: "new" }], condition: once, attributeColumns: [] });
  });
});

describe("Durability", () => {
  it("keeps tables and rows when the store is closed and opened again", async () => {
    await client.createTable(tableOf("wired", { p: "STRING" }, { maxVersions: 2 }));
    await Promise.all(Array.from({ length: 100 }, () => increment()));
    await server.reopen();
    expect((await client.listTable({})).tableNames).toEqual(["wired"]);
    expect(await count()).toBe("100n");
    await increment();
    expect(await count()).toBe("101n");
  });

  it("does not keep an open transaction", async () => {
    await client.createTable(tableOf("wired", { p: "STRING" }));
    const { transactionId } = await client.startLocalTransaction(key);
    await client.putRow({ ...key, condition: ignore(), attributeColumns: [{ n: long(1) }], transactionId });
    await server.reopen();
    expect(await refusal(client.commitTransaction({ transactionId }))).toEqual({
      code: "OTSSessionNotExist",
      status: 400,
    });
    expect(await count()).toBeUndefined();
  });
});
