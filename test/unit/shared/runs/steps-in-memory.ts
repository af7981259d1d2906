import { noCounters, startOfSplit } from "../../../../shared/model/progress.js";
import type { RunRecord, RunState } from "../../../../shared/model/run.js";
import type { SealedProperties } from "../../../../shared/model/seal.js";
import type { SplitRow } from "../../../../shared/model/split.js";
import { createLog } from "../../../../shared/platform/log.js";
import { createServices, type Services } from "../../../../shared/services.js";
import { MAX_SPLITS } from "../../../../shared/store/splits-store.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { memoryDocuments } from "../sources/memory-documents.js";

/** A planned run from stream to stream over documents in memory, and what was asked of the platform meanwhile. */
export async function plannedRun(state: RunState, splits: readonly Partial<SplitRow>[] = [{}]) {
  const started: string[] = [];
  const clock = { ms: Date.parse("2026-01-02T03:04:05Z") };
  /** Called whenever a step opens the plan: in the middle of publishing or settling. */
  const hooks = { onOpen: async () => {} };
  const documents = memoryDocuments();
  const services: Services = createServices({
    documents,
    objects: { list: async () => [] } as unknown as Services["objects"], // no record below is dirty
    invoker: {
      start: async (_name, _payload, taskId) => started.push(taskId) > 0,
      call: async () => null,
      taskState: async (_name, taskId) => (started.includes(taskId) ? "waiting" : "unheardOf"),
    },
    secretBox: {
      seal: async () => ({ keyId: "", iv: "", tag: "", data: "" }),
      open: async () => {
        await hooks.onOpen();
        return {};
      },
    },
    stage: "dev",
    resourceGroups: { default: 64 },
    group: "default",
    log: createLog({}, () => {}),
    now: () => clock.ms,
  });
  await services.runs.insert(recordOf(state, splits.length));
  for (const [number, split] of splits.entries())
    await documents.insert(storeTables.splits, { key: ["r1", MAX_SPLITS + number], value: splitOf(number, split) });
  return { services, started, clock, hooks, run: async () => (await services.runs.get("r1")).value };
}

const sealed: SealedProperties["sealed"] = { keyId: "", iv: "", tag: "", data: "" };
const stream = { type: "stream", properties: {}, boundTo: "", sealed };

function recordOf(state: RunState, total: number): RunRecord {
  const reader = { type: "stream", parameter: { sliceRecordCount: 1, column: [{ value: "x" }] }, sources: [] };
  const writer = { type: "stream", parameter: { print: false }, sources: [{ name: "main", source: stream }] };
  return {
    ...{ id: "r1", workspace: "w", job: null, environment: "production", script: "", parameters: {}, state },
    ...{ inlineSources: { reader: [], writer: [] }, trigger: { kind: "http" }, reader: "stream", writer: "stream" },
    ...{
      plannedAt: "2026-01-02T03:04:00.000Z",
      createdAt: "2026-01-02T03:04:00.000Z",
      startedAt: null,
      endedAt: null,
      concurrent: 2,
    },
    ...{ splits: { total, done: 0 }, estimatedRows: null, counters: noCounters, waitMs: { reader: 0, writer: 0 } },
    ...{ delivery: null, errorLimit: { record: 0, percentage: null }, dirtyKept: 0, warnings: [], notes: [] },
    ...{ cost: null, error: null, lease: null, outcome: null, planAttempts: 1, finishAttempts: 0 },
    plan: {
      ...{ reader, writer, columns: [], exactlyOnce: "auto", resourceGroup: "default", generation: 1 },
      zones: { reader: { zone: "+00:00", from: "" }, writer: { zone: "+00:00", from: "" } },
      throttle: { bytesPerSecond: null, recordsPerSecond: null },
      prepared: { delivery: "atLeastOnce", state: null, notes: [] },
    },
  };
}

function splitOf(number: number, over: Partial<SplitRow>): SplitRow {
  return {
    ...{ run: "r1", number, state: "done", describe: "", spec: { split: number }, estimatedRows: null, attempt: 1 },
    ...{ failures: 0, uncertain: false, owner: null, leaseUntil: 0, progress: startOfSplit, live: noCounters },
    ...{ waitMs: { reader: 0, writer: 0 }, dirtyKept: 0, token: null, startedAt: null, endedAt: null, error: null },
    ...over,
  };
}

/** Services over documents that answer `calls` more times and never again; a put that is lost may have been stored. */
export function dying(services: Services, calls: number, { isStored }: { isStored: boolean }) {
  let left = calls;
  const documents = new Proxy(services.documents, {
    get(target, name: keyof Services["documents"]) {
      return async (...args: unknown[]) => {
        const call = target[name] as (...all: unknown[]) => Promise<unknown>;
        if (left === 0 && isStored) await call(...args);
        if (left <= 0) throw new Error("the instance is gone");
        left -= 1;
        return call(...args);
      };
    },
  });
  return { services: createServices({ ...services, documents }), isAlive: () => left > 0 };
}
