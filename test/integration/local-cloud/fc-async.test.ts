import { appendFile, readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resource, type Stage, stage, until } from "./fc-cloud.js";

// Every run is written down, so that what happened can be told from outside: `{ fn, event, retryCount, pid }` a line.
const handlers = {
  recorder: `
    const fs = require("node:fs");
    const note = (event, context) => fs.appendFileSync(process.env.NOTES, JSON.stringify({ fn: context.function.name,
      event: JSON.parse(event.toString() || "null"), retryCount: context.retryCount, requestId: context.requestId, pid: process.pid }) + "\\n");
    exports.note = async (event, context) => { note(event, context); return { done: true }; };
    exports.fail = async (event, context) => { note(event, context); throw new Error("failed as told"); };
    exports.failTwice = async (event, context) => { note(event, context); if (context.retryCount < 2) throw new Error("not yet"); };
    exports.slow = async (event, context) => { note(event, context); await new Promise((r) => setTimeout(r, JSON.parse(event.toString()).ms)); };
  `,
};
const props = (text: string) => `      timeout: 30\n      environmentVariables: { NOTES: "\${env('NOTES')}" }\n${text}`;
const arn = (name: string) => `'acs:fc:cn-hangzhou:\${config(''AccountID'')}:functions/${name}'`;
const manifest = `
resources:
${resource("note", "recorder.note", props(`      asyncInvokeConfig: { destinationConfig: { onSuccess: { destination: ${arn("after")} } } }\n`))}
${resource("after", "recorder.note", props(""))}
${resource("task", "recorder.slow", props("      asyncInvokeConfig: { asyncTask: true }\n"))}
${resource("failtwice", "recorder.failTwice", props("      asyncInvokeConfig: { asyncTask: true, maxAsyncRetryAttempts: 3 }\n"))}
${resource("fail", "recorder.fail", props(`      asyncInvokeConfig: { asyncTask: true, maxAsyncRetryAttempts: 1, destinationConfig: { onFailure: { destination: ${arn("after")} } } }\n`))}
${resource("narrow", "recorder.slow", props("      concurrencyConfig: { reservedConcurrency: 1 }\n      asyncInvokeConfig: { asyncTask: true, maxAsyncRetryAttempts: 0, maxAsyncEventAgeInSeconds: 60 }\n"))}
`;

interface Note {
  fn: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of any shape
  event: any;
  retryCount: number;
  requestId: string;
}

let it: Stage;
let notesFile: string;

async function notes(fn: string): Promise<Note[]> {
  const lines = (await readFile(notesFile, "utf8")).trim().split("\n").filter(Boolean);
  return lines.map((line): Note => JSON.parse(line)).filter((note) => note.fn === fn);
}

const idle = () => it.cloud.functions().every((one) => one.inFlight === 0 && one.queued === 0);
const get = (path: string) => it.client("2023-03-30").request("GET", path);
const stop = (path: string) => it.client("2023-03-30").request("PUT", path);

beforeAll(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  notesFile = `${await mkdtemp(`${tmpdir()}/sluice-notes-`)}/notes`;
  it = await stage(handlers, manifest, { sync: false, environment: { NOTES: notesFile } });
});
beforeEach(async () => {
  await until(idle);
  await appendFile(notesFile, "");
});
afterAll(async () => {
  await it.close();
  const { rm } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  await rm(dirname(notesFile), { recursive: true, force: true });
});

describe("async invocations", () => {
  test("are answered at once with an empty body, and run", async () => {
    const older = await it.invoke("after", { by: "older" }, { "X-Fc-Invocation-Type": "Async" });
    expect(older.data).toBe("");
    expect(older.headers["content-type"]).toBeUndefined();
    await it.later("after", { by: "newer" });
    await until(async () => (await notes("after")).length === 2);
    const [first] = (await notes("after")).filter((note) => note.event.by === "older");
    expect(first?.requestId).toBe(older.headers["x-fc-request-id"]);
  });

  test("refuse a payload above 128 KB", async () => {
    const limit = 128 * 1024;
    const send = (bytes: number) =>
      it.client().invokeFunction("svc", "after", `"${"x".repeat(bytes - 2)}"`, { "x-fc-invocation-type": "Async" });
    await send(limit);
    await expect(send(limit + 1)).rejects.toMatchObject({ code: "EntityTooLarge" });
  });

  test("run once per task id: a repetition is refused, in either header and path form", async () => {
    const id = { "x-fc-async-task-id": "run-1", "x-fc-stateful-async-invocation-id": "run-1" };
    const first = await it.later("task", { ms: 1 }, id);
    expect(first.headers["x-fc-async-task-id"]).toBe("run-1");
    await expect(it.later("task", { ms: 1 }, id)).rejects.toMatchObject({
      code: "StatefulAsyncInvocationAlreadyExists",
      message: expect.stringContaining("409"),
    });
    const older = { "x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "run-1" };
    await expect(it.invoke("task", { ms: 1 }, older)).rejects.toThrow("409");
    await until(idle);
    expect((await notes("task")).filter((note) => note.requestId === first.headers["x-fc-request-id"])).toHaveLength(1);
    it.cloud.clock.advance(6.9 * 24 * 3_600_000);
    await expect(it.later("task", { ms: 1 }, id)).rejects.toThrow("409");
    it.cloud.clock.advance(0.2 * 24 * 3_600_000);
    await it.later("task", { ms: 1 }, id);
    it.cloud.clock.real();
  });

  test("of two simultaneous ones with the same id, exactly one is accepted", async () => {
    const tries = Array.from({ length: 5 }, () => it.later("task", { ms: 1 }, { "x-fc-async-task-id": "race" }));
    const results = await Promise.allSettled(tries);
    expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  });

  test("refuse a task id of another form", async () => {
    await expect(it.later("task", {}, { "x-fc-async-task-id": "1st" })).rejects.toMatchObject({
      code: "InvalidArgument",
    });
  });

  test("are retried with back-off and told how often, until they succeed", async () => {
    it.cloud.clock.set(Date.now());
    await it.later("failtwice", {}, { "x-fc-async-task-id": "tough" });
    for (const [retries, waitMs] of [
      [1, 500],
      [2, 1000],
    ] as const) {
      await until(async () => (await get("/functions/failtwice/async-tasks/tough")).data.status === "Retrying");
      expect((await notes("failtwice")).length).toBe(retries);
      it.cloud.clock.advance(waitMs - 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await notes("failtwice")).length).toBe(retries);
      it.cloud.clock.advance(1);
      await until(async () => (await notes("failtwice")).length === retries + 1);
    }
    await until(async () => (await get("/functions/failtwice/async-tasks/tough")).data.status === "Succeeded");
    it.cloud.clock.real();
    expect((await notes("failtwice")).map((note) => note.retryCount)).toEqual([0, 1, 2]);
    const { data } = await get("/functions/failtwice/async-tasks/tough");
    expect(data).toMatchObject({ taskId: "tough", alreadyRetriedTimes: 2, qualifier: "LATEST" });
    expect(data.events.map((event: { status: string }) => event.status)).toEqual([
      "Enqueued",
      "Retrying",
      "Retrying",
      "Succeeded",
    ]);
  });

  test("hand their end to the destination: success and the last failure", async () => {
    await it.later("note", { n: 1 });
    await it.later("fail", { n: 2 }, { "x-fc-async-task-id": "doomed" });
    await until(async () => (await notes("after")).filter((note) => note.event?.requestContext).length === 2);
    const records = (await notes("after")).map((note) => note.event).filter((event) => event?.requestContext);
    const { accountId } = it.cloud.credentials;
    expect(records.find((one) => one.requestContext.condition === "Success")).toMatchObject({
      requestContext: { functionArn: `acs:fc:cn-hangzhou:${accountId}:functions/note`, approximateInvokeCount: 1 },
      requestPayload: '{"n":1}',
      responseContext: { statusCode: 200, functionError: "" },
      responsePayload: '{"done":true}',
    });
    expect(records.find((one) => one.requestContext.condition === "RetriesExhausted")).toMatchObject({
      requestContext: { approximateInvokeCount: 2 },
      requestPayload: '{"n":2}',
      responseContext: { functionError: "UnhandledInvocationError" },
    });
    const { data } = await get("/functions/fail/async-tasks/doomed");
    expect(data).toMatchObject({ status: "Failed", taskErrorMessage: "failed as told" });
  });

  test("wait at the reserved concurrency instead of being throttled, and expire by age", async () => {
    await it.later("narrow", { ms: 400, n: 1 }, { "x-fc-async-task-id": "n1" });
    await it.later("narrow", { ms: 1, n: 2 }, { "x-fc-async-task-id": "n2" });
    await until(async () => (await get("/functions/narrow/async-tasks/n1")).data.status === "Running");
    expect((await get("/functions/narrow/async-tasks/n2")).data.status).toBe("Enqueued");
    await until(async () => (await get("/functions/narrow/async-tasks/n2")).data.status === "Succeeded");
    await it.later("narrow", { ms: 400 }, { "x-fc-async-task-id": "n3" });
    await it.later("narrow", { ms: 1 }, { "x-fc-async-task-id": "n4" });
    it.cloud.clock.advance(61_000);
    await until(async () => (await get("/functions/narrow/async-tasks/n4")).data.status === "Expired");
    it.cloud.clock.real();
  });

  test("are delivered as often as asked for, accepted once", async () => {
    const count = async () => (await notes("after")).filter((note) => note.event?.again).length;
    it.cloud.deliverAgain(3);
    await it.later("after", { again: true });
    it.cloud.deliverAgain(1);
    await until(async () => (await count()) === 3);
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "twice" });
    await it.later("after", { again: true });
    await until(async () => (await count()) === 5);
    await until(idle);
    expect(await count()).toBe(5);
  });

  test("whose response got lost were accepted all the same", async () => {
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "dropResponse" });
    const id = { "x-fc-async-task-id": "lost" };
    await expect(it.later("task", { ms: 1 }, id)).rejects.toThrow();
    await expect(it.later("task", { ms: 1 }, id)).rejects.toThrow("409");
  });
});

describe("tasks", () => {
  test("are listed by status, prefix and page, newest first on request", async () => {
    for (let index = 0; index < 5; index += 1) {
      await it.later("task", { ms: 1 }, { "x-fc-async-task-id": `list-${index}` });
    }
    const list = async (query: string) =>
      (
        await it
          .client("2023-03-30")
          .request("GET", "/functions/task/async-tasks", Object.fromEntries(new URLSearchParams(query)))
      ).data;
    const ids = (page: { tasks: { taskId: string }[] }) => page.tasks.map((task) => task.taskId);
    // A free instance is no proof: the end of its request is written after it gave its answer.
    await until(async () => (await list("prefix=list-&status=Succeeded")).tasks.length === 5);
    const first = await list("prefix=list-&limit=3&status=Succeeded");
    expect(first.tasks).toHaveLength(3);
    const second = await list(`prefix=list-&limit=3&status=Succeeded&nextToken=${first.nextToken}`);
    expect(second.nextToken).toBeUndefined();
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(5);
    expect((await list("prefix=list-&status=Failed")).tasks).toEqual([]);
    expect(ids(await list("prefix=list-&sortOrderByTime=desc"))[0]).toBe("list-4");
    await expect(list("limit=101")).rejects.toMatchObject({ code: "InvalidArgument" });
    const older = await it.client().request("GET", "/services/svc/functions/task/stateful-async-invocations/list-1");
    expect(older.data).toMatchObject({ invocationId: "list-1", functionName: "task", status: "Succeeded" });
    await expect(get("/functions/task/async-tasks/none")).rejects.toMatchObject({ code: "AsyncTaskNotFound" });
  });

  test("that run are stopped by ending their instance, without a retry", async () => {
    await it.later("task", { ms: 60_000, stop: 1 }, { "x-fc-async-task-id": "stop-1" });
    await until(async () => (await notes("task")).some((note) => note.event.stop === 1));
    await stop("/functions/task/async-tasks/stop-1/stop");
    await until(async () => (await get("/functions/task/async-tasks/stop-1")).data.status === "Stopped");
    await expect(stop("/functions/task/async-tasks/stop-1/stop")).rejects.toThrow("412");
    expect((await notes("task")).filter((note) => note.event.stop === 1)).toHaveLength(1);
  });

  test("that wait are stopped before they run", async () => {
    await it.later("narrow", { ms: 300 }, { "x-fc-async-task-id": "front" });
    await it.later("narrow", { ms: 1, stop: 2 }, { "x-fc-async-task-id": "behind" });
    await stop("/functions/narrow/async-tasks/behind/stop");
    expect((await get("/functions/narrow/async-tasks/behind")).data.status).toBe("Stopped");
    await until(idle);
    expect((await notes("narrow")).some((note) => note.event.stop === 2)).toBe(false);
  });
});
