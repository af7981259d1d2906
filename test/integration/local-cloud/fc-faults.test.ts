import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resource, type Stage, stage, until } from "./fc-cloud.js";

/** Ways in which a driver breaks: where none of its promises could tell. */
const FAULTS = `
  const ways = {
    timer: () => setTimeout(() => { throw new RangeError("thrown by a timer"); }, 5),
    listener: () => { const e = new (require("node:events"))(); e.on("x", () => { throw new TypeError("thrown by a listener"); }); setImmediate(() => e.emit("x")); },
    emitter: () => setImmediate(() => new (require("node:events"))().emit("error", new Error("nobody listens"))),
    rejection: () => void Promise.reject(new Error("nobody awaits it")),
    text: () => setImmediate(() => { throw "just words"; }),
    many: () => { for (let i = 0; i < 5; i++) setTimeout(() => { throw new Error("fault " + i); }, i * 3); },
  };
  const work = async ({ way, pid }) => {
    if (pid) return { pid: process.pid };
    ways[way]?.();
    // What waits for the driver waits for ever.
    await new Promise((done) => setTimeout(done, way ? 60000 : 0));
    return { pid: process.pid };
  };`;

const SOURCE = `
  import middy from "@middy/core";
  import { endingOnFault } from "./shared/platform/instance-faults.js";
  import { accessLog, httpEventDecoder, problems } from "./shared/http/middleware.js";
  import { createLog } from "./shared/platform/log.js";
  import { json } from "./shared/http/response.js";
  ${FAULTS}
  export const plain = endingOnFault(async (event) => JSON.stringify(await work(JSON.parse(event.toString()))));
  export const api = middy()
    .use(problems())
    .use(accessLog((requestId) => createLog({ function: "api", requestId })))
    .use(httpEventDecoder())
    .handler(endingOnFault(async (request) => json(200, await work(JSON.parse(request.body)))));
`;

const manifest = `
resources:
${["plain", "api"].map((name) => resource(name, `faults.${name}`, "      timeout: 30\n")).join("")}
`;

let cloud: Stage;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: resolve("."), loader: "ts" },
    ...{ bundle: true, platform: "node", target: "node20", format: "cjs", write: false, logLevel: "error" },
    // As in our own build.
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  });
  cloud = await stage({ faults: outputFiles[0]?.text ?? "" }, manifest);
});
afterAll(() => cloud.close());

/** An event of the HTTP trigger. */
const http = (body: object) => ({
  ...{ version: "v1", rawPath: "/v1/x", headers: {}, queryParameters: {}, isBase64Encoded: false },
  ...{ body: JSON.stringify(body), requestContext: { http: { method: "POST", sourceIp: "127.0.0.1" } } },
});

async function answerOf(name: "plain" | "api", order: object) {
  const { data, headers } = await cloud.invoke(name, name === "api" ? http(order) : order);
  const parsed = typeof data === "string" ? JSON.parse(data) : data;
  const body = name === "api" ? JSON.parse(parsed.body) : parsed;
  return { body, status: parsed.statusCode, requestId: headers["x-fc-request-id"], own: parsed.headers };
}

const pidOf = async (name: "plain" | "api"): Promise<number> => (await answerOf(name, { pid: true })).body.pid;

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

describe("a fault that no promise of a request tells", () => {
  test.each([
    ["timer", "RangeError: thrown by a timer"],
    ["listener", "TypeError: thrown by a listener"],
    ["emitter", "Error: nobody listens"],
    ["rejection", "Error: nobody awaits it"],
    ["text", "Error: just words"],
    ["many", "Error: fault 0"],
  ])("is the failure of an invocation that names it, and of no later one: %s", async (way, named) => {
    const pid = await pidOf("plain");
    const { body } = await answerOf("plain", { way });
    expect(body).toMatchObject({
      errorMessage: `a fault that nothing awaited ended the instance: ${named}`,
      errorType: "InternalError",
    });
    await until(() => isGone(pid));
    expect(await pidOf("plain")).not.toBe(pid);
  });

  test.each(["timer", "rejection", "many"])("is a 500 of the API with the request's id: %s", async (way) => {
    const pid = await pidOf("api");
    const { body, status, requestId, own } = await answerOf("api", { way });
    expect(status).toBe(500);
    expect(own).toMatchObject({ "content-type": "application/problem+json", "x-request-id": requestId });
    expect(body).toMatchObject({ code: "INTERNAL", recovery: "report", requestId });
    expect(JSON.stringify(body)).not.toMatch(/thrown by|nobody awaits|fault 0/);
    // The log tells what it was, under that id.
    const logged = cloud.lines.filter(
      (line) => line.includes("fault of the instance") && line.includes(requestId ?? "-"),
    );
    expect(logged.length).toBeGreaterThan(0);
    await until(() => isGone(pid));
    expect(await pidOf("api")).not.toBe(pid);
  });

  test("leaves an instance without faults in use", async () => {
    const pid = await pidOf("plain");
    expect(pid).toBeTypeOf("number");
    expect(await pidOf("plain")).toBe(pid);
  });

  test("is heard by every function that there is", async () => {
    const functions = await readdir("functions");
    expect(functions.length).toBeGreaterThan(4);
    for (const name of functions) {
      const text = await readFile(`functions/${name}/handler.ts`, "utf8");
      expect(text, name).toMatch(/export const handler = (endingOnFault\(|middy\(\)[^;]*\.handler\(endingOnFault\()/);
    }
  });
});
