import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resource, type Stage, stage, until } from "./fc-cloud.js";

const handlers = {
  basic: `
    let calls = 0;
    exports.echo = async (event) => event;
    exports.text = async (event) => "hello " + event.toString();
    exports.json = async () => ({ a: 1 });
    exports.nothing = async () => undefined;
    exports.callback = (event, context, callback) => callback(null, "by callback");
    exports.plain = (event, context) => "plain " + context.function.name;
    exports.count = async () => ++calls;
    exports.context = async (event, context) => ({ ...context, logger: Object.keys(context.logger), isBuffer: Buffer.isBuffer(event), env: process.env });
    exports.log = async (event, context) => { console.log("first %d", 1); context.logger.warn("second"); process.stdout.write("raw\\n"); return "ok"; };
    exports.handled = (event, context, callback) => callback(new RangeError("not today"));
    exports.handledText = (event, context, callback) => callback("This is a handled error", event);
    exports.rejected = async () => { throw new TypeError("rejected"); };
    exports.thrown = (event) => { console.log(event.toSting()); };
    exports.exit = async () => process.exit(3);
    exports.loop = async (event) => { if (event.toString() === "loop") for (;;); return "fine"; };
    exports.hoard = async () => { const all = []; for (;;) { all.push(Buffer.alloc(10_000_000, 1)); await new Promise((r) => setTimeout(r, 20)); } };
    exports.heap = async () => { const all = []; for (;;) all.push(new Array(1000).fill(Math.random())); };
    exports.held = async (event) => {
      const gate = event.toString();
      console.log("held by " + gate);
      while (gate && !require("node:fs").existsSync(gate)) await new Promise((r) => setTimeout(r, 10));
      return String(process.pid);
    };
    exports.size = async (event) => String(event.length);
    exports.big = async (event) => Buffer.alloc(Number(event.toString()), 7);
  `,
  broken: `throw new SyntaxError("cannot load");`,
  hooks: `
    const fs = require("node:fs");
    let initialized = 0;
    exports.initialize = async (context) => { initialized += 1; await null; };
    exports.initializeByCallback = (context, callback) => { initialized += 10; setTimeout(callback, 5); };
    exports.refuse = async () => { throw new Error("no start"); };
    exports.hang = async () => new Promise(() => setInterval(() => {}, 1000));
    exports.handler = async () => initialized;
    exports.mark = async (event) => { globalThis.mark = event.toString(); return "marked"; };
    exports.preStop = async (context) => { fs.writeFileSync(globalThis.mark, context.function.name); };
  `,
};

const manifest = `
resources:
${[
  "echo",
  "text",
  "json",
  "nothing",
  "callback",
  "plain",
  "count",
  "log",
  "handled",
  "handledText",
  "rejected",
  "thrown",
  "exit",
  "size",
  "big",
]
  .map((name) => resource(name, `basic.${name}`, "      timeout: 20\n"))
  .join("")}
${resource("context", "basic.context", "      timeout: 20\n      memorySize: 256\n      environmentVariables: { OWN: mine, FC_REGION: other }\n")}
${resource("loop", "basic.loop", "      timeout: 1\n")}
${resource("hoard", "basic.hoard", "      memorySize: 128\n      timeout: 20\n")}
${resource("heap", "basic.heap", "      memorySize: 128\n      timeout: 20\n")}
${resource("narrow", "basic.held", "      timeout: 20\n      concurrencyConfig: { reservedConcurrency: 2 }\n")}
${resource("broken", "broken.handler")}
${resource("changing", "changing.handler", "      timeout: 20\n")}
${resource("missing", "basic.nobody")}
${resource("init", "hooks.handler", "      instanceLifecycleConfig: { initializer: { handler: hooks.initialize, timeout: 5 } }\n")}
${resource("initcb", "hooks.handler", "      instanceLifecycleConfig: { initializer: { handler: hooks.initializeByCallback, timeout: 5 } }\n")}
${resource("refuse", "hooks.handler", "      instanceLifecycleConfig: { initializer: { handler: hooks.refuse, timeout: 5 } }\n")}
${resource("hang", "hooks.handler", "      instanceLifecycleConfig: { initializer: { handler: hooks.hang, timeout: 1 } }\n")}
${resource("prestop", "hooks.mark", "      instanceLifecycleConfig: { preStop: { handler: hooks.preStop, timeout: 5 } }\n")}
`;

let it: Stage;
let gates = 0;
beforeAll(async () => {
  it = await stage(handlers, manifest, { sync: false });
});
afterAll(() => it.close());

/** A file that invocations of `narrow` wait for. */
const newGate = () => join(it.folder, `gate-${gates++}`);

/** Invokes `narrow` and waits until its handler is at work. */
async function heldBy(gate: string, count = 1) {
  const answers = Array.from({ length: count }, () => it.client().invokeFunction("svc", "narrow", gate));
  const atWork = () => it.lines.filter((line) => line.includes(`held by ${gate}`)).length;
  await until(() => atWork() === count);
  return answers;
}

const median = (times: readonly number[]) => [...times].sort((left, right) => left - right)[times.length >> 1] ?? 0;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

describe("sync invocations through the unmodified SDK", () => {
  test("answer with what the handler returned, whatever its form", async () => {
    const data = async (name: string, event: string | Buffer | null = "world") =>
      (await it.client().invokeFunction("svc", name, event)).data;
    expect(await data("text")).toBe("hello world");
    expect(await data("json")).toBe('{"a":1}');
    expect(await data("nothing")).toBe("");
    expect(await data("callback")).toBe("by callback");
    expect(await data("plain")).toBe("plain plain");
    expect(await data("echo", null)).toBe("");
  });

  test("pass bytes through unchanged in both directions", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    const answer = await it.client().invokeFunction("svc", "echo", bytes, {}, "LATEST", { rawBuf: true });
    expect(answer.data).toEqual(bytes);
    expect(answer.headers["content-type"]).toBe("application/octet-stream");
    expect(answer.headers["x-fc-request-id"]).toMatch(/^1-/);
    expect(Number(answer.headers["x-fc-max-memory-usage"])).toBeGreaterThan(10);
  });

  test("work by the path of FC 3.0 as well", async () => {
    const client = it.client("2023-03-30");
    const path = "/functions/text/invocations";
    expect((await client.request("POST", path, { qualifier: "LATEST" }, "three")).data).toBe("hello three");
    const raw = await client.request("POST", path, null, Buffer.from("raw"), {}, { rawBuf: true });
    expect(raw.data).toEqual(Buffer.from("hello raw"));
  });

  test("reuse the warm instance with its module state", async () => {
    it.cloud.reload();
    const numbers = [];
    for (let index = 0; index < 3; index += 1) numbers.push(Number((await it.invoke("count")).data));
    expect(numbers).toEqual([1, 2, 3]);
  });

  test("take little more on a warm instance than a call that runs nothing and a message to another process", async () => {
    const invokeMs: number[] = [];
    const bareMs: number[] = [];
    const client = it.client("2023-03-30");
    const echo = spawn(process.execPath, ["-e", "process.on('message', (m) => process.send(m))"], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    try {
      for (let index = 0; index < 100; index += 1) {
        invokeMs.push(await timed(() => it.invoke("echo")));
        bareMs.push(
          await timed(async () => {
            await client.request("GET", "/functions/echo/async-tasks");
            echo.send(index);
            await once(echo, "message");
          }),
        );
      }
    } finally {
      echo.kill();
    }
    // Both take one to three milliseconds on an idle machine; how many, the benchmark tells.
    expect(median(invokeMs)).toBeLessThan(10 + 10 * median(bareMs));
  });

  test("give the handler a buffer, the full context and exactly the declared environment", async () => {
    const { data } = await it.invoke("context");
    const context = JSON.parse(data);
    expect(context.isBuffer).toBe(true);
    expect(context.function).toEqual({ name: "context", handler: "basic.context", memory: 256, timeout: 20 });
    expect(context.accountId).toBe(it.cloud.credentials.accountId);
    expect(context.region).toBe("cn-hangzhou");
    expect(context.credentials.accessKeyId).toMatch(/^STS\.context\.c-/);
    expect(context.credentials.accessKeyId).toBe(context.env.ALIBABA_CLOUD_ACCESS_KEY_ID);
    expect(context.env).toMatchObject({
      OWN: "mine",
      FC_REGION: "cn-hangzhou",
      FC_FUNCTION_NAME: "context",
      TZ: "UTC",
    });
    expect(context.env.VITEST).toBeUndefined();
    expect(context.logger).toContain("info");
  });

  test("return the tail of the log on request, the request's own lines only", async () => {
    const { headers } = await it.invoke("log", {}, { "x-fc-log-type": "Tail" });
    const tail = Buffer.from(headers["x-fc-log-result"]!, "base64").toString();
    expect(tail).toContain(`${headers["x-fc-request-id"]} [INFO] first 1`);
    expect(tail).toContain("[WARN] second");
    expect(it.lines.some((line) => line.includes("first 1"))).toBe(true);
    expect(it.cloud.logs(headers["x-fc-request-id"]!).at(0)).toMatch(/^FC Invoke Start RequestId/);
  });

  test("carry 32 MB in both directions and refuse a byte more", async () => {
    const limit = 32 * 1024 * 1024;
    const client = it.client();
    expect((await client.invokeFunction("svc", "size", Buffer.alloc(limit))).data).toBe(String(limit));
    const tooLarge = client.invokeFunction("svc", "size", Buffer.alloc(limit + 1));
    await expect(tooLarge).rejects.toMatchObject({ code: "EntityTooLarge", message: expect.stringContaining("400") });
    const big = await client.invokeFunction("svc", "big", String(5_000_000), {}, "", { rawBuf: true });
    expect(big.data.length).toBe(5_000_000);
  });
});

describe("function errors", () => {
  const failed = async (name: string, event: string | null = null) => {
    const { data, headers } = await it.client().invokeFunction("svc", name, event, {}, "LATEST", { rawBuf: true });
    return { type: headers["x-fc-error-type"], data };
  };

  test("given to the callback are handled errors", async () => {
    const { type, data } = await failed("handled");
    expect(type).toBe("HandledInvocationError");
    expect(data).toMatchObject({ errorMessage: "not today", errorType: "RangeError" });
    expect(data.stackTrace[0]).toContain("at exports.handled");
    expect((await failed("handledText")).data).toEqual({ errorMessage: "This is a handled error" });
  });

  test("of a rejected promise are unhandled, and the instance lives on", async () => {
    expect(await failed("rejected")).toMatchObject({
      type: "UnhandledInvocationError",
      data: { errorMessage: "rejected", errorType: "TypeError" },
    });
    expect(it.cloud.functions().find((one) => one.name === "rejected")).toMatchObject({ instances: 1, idle: 1 });
  });

  test("that end the process say so, and the next request gets a new instance", async () => {
    for (const name of ["thrown", "exit"]) {
      const { type, data } = await failed(name);
      expect(type).toBe("UnhandledInvocationError");
      expect(data.errorMessage).toContain("Process exited unexpectedly before completing request");
      await expect(failed(name)).resolves.toMatchObject({ type: "UnhandledInvocationError" });
    }
    expect(it.lines.some((line) => line.includes("toSting is not a function"))).toBe(true);
  });

  test("of an endless loop come at the time limit, which ends the process", async () => {
    const startedAt = Date.now();
    const { data } = await failed("loop", "loop");
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(950);
    expect(data.errorMessage).toContain("Function timed out after 1 seconds");
    expect((await it.client().invokeFunction("svc", "loop", "go on")).data).toBe("fine");
  });

  test("come at the memory limit, for buffers outside the heap too", async () => {
    const { type, data } = await failed("hoard");
    expect(type).toBe("UnhandledInvocationError");
    expect(data.errorMessage).toContain("memory limit exceeded");
    expect((await failed("heap")).data.errorMessage).toContain("Process exited unexpectedly");
  });

  test("while loading or initializing fail the request, each time anew", async () => {
    expect(await failed("broken")).toMatchObject({ data: { errorMessage: "cannot load", errorType: "SyntaxError" } });
    expect((await failed("missing")).data.errorMessage).toContain("Handler 'nobody' is missing");
    for (let round = 0; round < 2; round += 1) {
      expect(await failed("refuse")).toMatchObject({ type: "InitializationError", data: { errorMessage: "no start" } });
    }
    expect(await failed("hang")).toMatchObject({ type: "InitializationError" });
  });
});

describe("instances", () => {
  test("run their initializer once, by promise or callback", async () => {
    expect((await it.invoke("init")).data).toBe("1");
    expect((await it.invoke("init")).data).toBe("1");
    expect((await it.invoke("initcb")).data).toBe("10");
  });

  test("run preStop before they are replaced", async () => {
    const mark = newGate();
    await it.client().invokeFunction("svc", "prestop", mark);
    it.cloud.reload();
    await until(async () => (await readFile(mark, "utf8").catch(() => "")) === "prestop");
  });

  test("load changed code when they are told to", async () => {
    const change = (text: string) =>
      writeFile(`${it.options.functionsFolder}/changing.js`, `exports.handler = async () => "${text}";`);
    await change("old");
    it.cloud.reload();
    expect((await it.invoke("changing")).data).toBe("old");
    await change("new");
    expect((await it.invoke("changing")).data).toBe("old");
    it.cloud.reload();
    expect((await it.invoke("changing")).data).toBe("new");
  });

  test("take one request at a time; beyond the reserved concurrency a sync request is throttled", async () => {
    const client = it.client();
    const gate = newGate();
    const busy = await heldBy(gate, 2);
    await expect(client.invokeFunction("svc", "narrow", "")).rejects.toMatchObject({
      code: "ResourceExhausted",
      message: expect.stringContaining("429"),
    });
    await writeFile(gate, "");
    const pids = (await Promise.all(busy)).map((answer) => answer.data);
    expect(new Set(pids).size).toBe(2);
    expect(pids).toContain((await client.invokeFunction("svc", "narrow", "")).data);
  });

  test("killed from outside fail their request as the platform reports a lost process", async () => {
    const [answer] = await heldBy(newGate());
    expect(it.cloud.killInstances("narrow")).toBeGreaterThan(0);
    expect((await answer)?.data.errorMessage).toContain("Process exited unexpectedly");
  });
});

describe("refusals of the service", () => {
  test("name the unknown function, qualifier or path", async () => {
    const client = it.client();
    await expect(client.invokeFunction("svc", "nobody", "")).rejects.toMatchObject({ name: "FCFunctionNotFoundError" });
    await expect(client.invokeFunction("svc", "text", "", {}, "prod")).rejects.toMatchObject({ code: "AliasNotFound" });
    await expect(client.request("GET", "/services")).rejects.toMatchObject({
      code: "PathNotSupported",
      message: expect.stringContaining("400"),
    });
  });

  test("name an invocation type that does not exist, and run nothing", async () => {
    const call = it.client().invokeFunction("svc", "text", "", { "x-fc-invocation-type": "Later" });
    await expect(call).rejects.toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("Later") });
  });

  test("come before anything runs when key, secret or date are wrong", async () => {
    const { credentials } = it.cloud;
    const { clientOf } = await import("./fc-cloud.js");
    const wrongSecret = { ...it.cloud, credentials: { ...credentials, accessKeySecret: "x" } };
    await expect(clientOf(wrongSecret).invokeFunction("svc", "text", "")).rejects.toMatchObject({
      name: "FCSignatureNotMatchError",
      message: expect.stringContaining("String to sign"),
    });
    const wrongKey = { ...it.cloud, credentials: { ...credentials, accessKeyId: "nobody" } };
    await expect(clientOf(wrongKey).invokeFunction("svc", "text", "")).rejects.toMatchObject({
      name: "FCInvalidAccessKeyIDError",
    });
    const late = { date: new Date(Date.now() - 16 * 60_000).toUTCString() };
    await expect(it.client().invokeFunction("svc", "text", "", late)).rejects.toMatchObject({ code: "AccessDenied" });
  });

  test("can be asked for, once", async () => {
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "status", status: 503 });
    await expect(it.invoke("text")).rejects.toMatchObject({ code: "ServiceUnavailable" });
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "dropResponse" });
    await expect(it.invoke("text")).rejects.toThrow();
    expect((await it.invoke("text")).data).toContain("hello");
  });
});
