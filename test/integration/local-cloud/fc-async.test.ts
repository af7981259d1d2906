import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    exports.slow = async (event, context) => {
      note(event, context);
      const { ms = 0, gate } = JSON.parse(event.toString());
      await new Promise((r) => setTimeout(r, ms));
      while (gate && !fs.existsSync(gate)) await new Promise((r) => setTimeout(r, 10));
    };
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
let folder: string;
let notesFile: string;
let attempts = 0;

/** A name that no other test, nor an earlier try of the same, has used. */
const own = (name: string) => `${name}-${attempts}`;

/** Something that a function waits for until the test opens it. */
function gate(name: string): { readonly file: string; open(): Promise<void> } {
  const file = join(folder, own(name));
  return { file, open: () => writeFile(file, "") };
}

async function notes(fn: string): Promise<Note[]> {
  const lines = (await readFile(notesFile, "utf8")).trim().split("\n").filter(Boolean);
  return lines.map((line): Note => JSON.parse(line)).filter((note) => note.fn === fn);
}

const idle = () => it.cloud.functions().every((one) => one.inFlight === 0 && one.queued === 0);
const get = (path: string) => it.client("2023-03-30").request("GET", path);
const stop = (path: string) => it.client("2023-03-30").request("PUT", path);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-notes-"));
  notesFile = join(folder, "notes");
  await writeFile(notesFile, "");
  it = await stage(handlers, manifest, { sync: false, environment: { NOTES: notesFile } });
});
beforeEach(async () => {
  attempts += 1;
  it.cloud.clock.real();
  await until(idle);
});
afterAll(async () => {
  await it.close();
  await rm(folder, { recursive: true, force: true });
});

describe("async invocations", () => {
  test("are answered at once with an empty body, and run", async () => {
    const older = await it.invoke("after", { by: own("older") }, { "X-Fc-Invocation-Type": "Async" });
    expect(older.data).toBe("");
    expect(older.headers["content-type"]).toBeUndefined();
    await it.later("after", { by: own("newer") });
    const ofBy = async (by: string) => (await notes("after")).filter((note) => note.event?.by === by);
    await until(async () => (await ofBy(own("newer"))).length === 1);
    await until(async () => (await ofBy(own("older"))).length === 1);
    const [first] = await ofBy(own("older"));
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
    const run = own("run");
    const id = { "x-fc-async-task-id": run, "x-fc-stateful-async-invocation-id": run };
    const first = await it.later("task", { ms: 1 }, id);
    expect(first.headers["x-fc-async-task-id"]).toBe(run);
    await expect(it.later("task", { ms: 1 }, id)).rejects.toMatchObject({
      code: "StatefulAsyncInvocationAlreadyExists",
      message: expect.stringContaining("409"),
    });
    const older = { "x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": run };
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
    const tries = Array.from({ length: 5 }, () => it.later("task", { ms: 1 }, { "x-fc-async-task-id": own("race") }));
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
    const tough = own("tough");
    const task = `/functions/failtwice/async-tasks/${tough}`;
    const tries = async () => (await notes("failtwice")).filter((note) => note.event.tough === tough);
    await it.later("failtwice", { tough }, { "x-fc-async-task-id": tough });
    for (const [retries, waitMs] of [
      [1, 500],
      [2, 1000],
    ] as const) {
      await until(async () => (await get(task)).data.status === "Retrying");
      expect((await tries()).length).toBe(retries);
      it.cloud.clock.advance(waitMs - 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await tries()).length).toBe(retries);
      it.cloud.clock.advance(1);
      await until(async () => (await tries()).length === retries + 1);
    }
    await until(async () => (await get(task)).data.status === "Succeeded");
    it.cloud.clock.real();
    expect((await tries()).map((note) => note.retryCount)).toEqual([0, 1, 2]);
    const { data } = await get(task);
    expect(data).toMatchObject({ taskId: tough, alreadyRetriedTimes: 2, qualifier: "LATEST" });
    expect(data.events.map((event: { status: string }) => event.status)).toEqual([
      "Enqueued",
      "Retrying",
      "Retrying",
      "Succeeded",
    ]);
  });

  test("hand their end to the destination: success and the last failure", async () => {
    const [good, bad] = [{ n: own("good") }, { n: own("bad") }];
    await it.later("note", good);
    await it.later("fail", bad, { "x-fc-async-task-id": own("doomed") });
    const recordOf = async (payload: object) =>
      (await notes("after")).find(({ event }) => event?.requestPayload === JSON.stringify(payload))?.event;
    await until(() => recordOf(good));
    await until(() => recordOf(bad));
    const { accountId } = it.cloud.credentials;
    expect(await recordOf(good)).toMatchObject({
      requestContext: {
        ...{ functionArn: `acs:fc:cn-hangzhou:${accountId}:functions/note`, condition: "Success" },
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, functionError: "" },
      responsePayload: '{"done":true}',
    });
    expect(await recordOf(bad)).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 2 },
      responseContext: { functionError: "UnhandledInvocationError" },
    });
    const { data } = await get(`/functions/fail/async-tasks/${own("doomed")}`);
    expect(data).toMatchObject({ status: "Failed", taskErrorMessage: "failed as told" });
  });

  test("wait at the reserved concurrency instead of being throttled, and expire by age", async () => {
    const [first, second] = [gate("first"), gate("second")];
    const enqueue = (name: string, event: object) => it.later("narrow", event, { "x-fc-async-task-id": own(name) });
    const statusOf = async (name: string) => (await get(`/functions/narrow/async-tasks/${own(name)}`)).data.status;
    await enqueue("n1", { gate: first.file });
    await enqueue("n2", {});
    await until(async () => (await statusOf("n1")) === "Running");
    expect(await statusOf("n2")).toBe("Enqueued");
    await first.open();
    await until(async () => (await statusOf("n2")) === "Succeeded");
    await enqueue("n3", { gate: second.file });
    await enqueue("n4", {});
    it.cloud.clock.advance(61_000);
    await second.open();
    await until(async () => (await statusOf("n4")) === "Expired");
  });

  test("are delivered as often as asked for, accepted once", async () => {
    const event = { again: own("again") };
    const count = async () => (await notes("after")).filter((note) => note.event?.again === event.again).length;
    it.cloud.deliverAgain(3);
    await it.later("after", event);
    it.cloud.deliverAgain(1);
    await until(async () => (await count()) === 3);
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "twice" });
    await it.later("after", event);
    await until(async () => (await count()) === 5);
    await until(idle);
    expect(await count()).toBe(5);
  });

  test("whose response got lost were accepted all the same", async () => {
    it.cloud.faults.add("fc", "InvokeFunction", { kind: "dropResponse" });
    const id = { "x-fc-async-task-id": own("lost") };
    await expect(it.later("task", { ms: 1 }, id)).rejects.toThrow();
    await expect(it.later("task", { ms: 1 }, id)).rejects.toThrow("409");
  });
});

describe("tasks", () => {
  test("are listed by status, prefix and page, newest first on request", async () => {
    const listed = `${own("list")}-`;
    for (let index = 0; index < 5; index += 1) {
      await it.later("task", { ms: 1 }, { "x-fc-async-task-id": `${listed}${index}` });
    }
    const list = async (query: string) =>
      (
        await it
          .client("2023-03-30")
          .request("GET", "/functions/task/async-tasks", Object.fromEntries(new URLSearchParams(query)))
      ).data;
    const ids = (page: { tasks: { taskId: string }[] }) => page.tasks.map((task) => task.taskId);
    // A free instance is no proof: the end of its request is written after it gave its answer.
    await until(async () => (await list(`prefix=${listed}&status=Succeeded`)).tasks.length === 5);
    const first = await list(`prefix=${listed}&limit=3&status=Succeeded`);
    expect(first.tasks).toHaveLength(3);
    const second = await list(`prefix=${listed}&limit=3&status=Succeeded&nextToken=${first.nextToken}`);
    expect(second.nextToken).toBeUndefined();
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(5);
    expect((await list(`prefix=${listed}&status=Failed`)).tasks).toEqual([]);
    expect(ids(await list(`prefix=${listed}&sortOrderByTime=desc`))[0]).toBe(`${listed}4`);
    await expect(list("limit=101")).rejects.toMatchObject({ code: "InvalidArgument" });
    const older = await it
      .client()
      .request("GET", `/services/svc/functions/task/stateful-async-invocations/${listed}1`);
    expect(older.data).toMatchObject({ invocationId: `${listed}1`, functionName: "task", status: "Succeeded" });
    await expect(get("/functions/task/async-tasks/none")).rejects.toMatchObject({ code: "AsyncTaskNotFound" });
  });

  test("that run are stopped by ending their instance, without a retry", async () => {
    const stopped = own("stop");
    const task = `/functions/task/async-tasks/${stopped}`;
    const begun = async () => (await notes("task")).filter((note) => note.event.stop === stopped);
    await it.later("task", { ms: 60_000, stop: stopped }, { "x-fc-async-task-id": stopped });
    await until(async () => (await begun()).length > 0);
    await stop(`${task}/stop`);
    await until(async () => (await get(task)).data.status === "Stopped");
    await expect(stop(`${task}/stop`)).rejects.toThrow("412");
    expect(await begun()).toHaveLength(1);
  });

  test("that wait are stopped before they run", async () => {
    const front = gate("front");
    const behind = `/functions/narrow/async-tasks/${own("behind")}`;
    await it.later("narrow", { gate: front.file }, { "x-fc-async-task-id": own("ahead") });
    await it.later("narrow", { stop: own("behind") }, { "x-fc-async-task-id": own("behind") });
    await stop(`${behind}/stop`);
    expect((await get(behind)).data.status).toBe("Stopped");
    await front.open();
    await until(idle);
    expect((await notes("narrow")).some((note) => note.event.stop === own("behind"))).toBe(false);
  });
});
