import { describe, expect, it } from "vitest";
import type { Queue } from "../../../../../infra/local/fc/queue.js";
import { putTask, type TaskRow } from "../../../../../infra/local/fc/queue-rows.js";
import { viewTasks } from "../../../../../infra/local/fc/task-views.js";

const waiting: TaskRow = {
  ...{ taskId: "list-4", requestId: "r4", functionName: "task", status: "Enqueued", acceptedAtMs: 4, retries: 0 },
  ...{ startedAtMs: null, endedAtMs: null, instanceId: "", errorMessage: "", events: [] },
};

/** What a store has under the row's key. */
function entryOf(row: TaskRow): [Buffer, Buffer] {
  const entries: [Buffer, Buffer][] = [];
  putTask({ get: () => undefined, put: (key, value) => entries.push([key, value]), del: () => {} }, row);
  return entries[0]!;
}

/** A queue whose store changes from one row to another while it is listed. */
function queueBetween(then: TaskRow, now: TaskRow): Queue {
  const store = {
    get: () => entryOf(now)[1],
    range: async function* () {
      yield entryOf(then);
    },
  };
  // A view reads nothing else of a queue.
  return { store, running: new Map(), arnOf: (name: string) => name } as unknown as Queue;
}

describe("a list of tasks", () => {
  it("shows a task that ended while the list was made as it is, not as neither waiting nor running", async () => {
    const over: TaskRow = { ...waiting, status: "Succeeded", startedAtMs: 5, endedAtMs: 6 };
    const list = (status: string) =>
      viewTasks(queueBetween(waiting, over), {
        ...{ functionName: "task", query: new URLSearchParams({ status }), style: "tasks" },
      });
    expect(await list("Succeeded")).toMatchObject({ tasks: [{ taskId: "list-4", status: "Succeeded", endTime: 6 }] });
    expect(await list("Enqueued")).toEqual({ tasks: [] });
  });
});
