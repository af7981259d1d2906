import { AsyncLocalStorage } from "node:async_hooks";
import { vi } from "vitest";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import type { SplitRow } from "../../../../shared/model/split.js";
import type { Documents } from "../../../../shared/platform/documents.js";
import type { Invoker } from "../../../../shared/platform/invoker.js";
import { createLog } from "../../../../shared/platform/log.js";
import { replaceShard, sweep } from "../../../../shared/runs/sweep.js";
import type { ShardOrder } from "../../../../shared/runs/wake.js";
import { workOnRun } from "../../../../shared/runs/work/work.js";
import { createServices, type Services } from "../../../../shared/services.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { plannedRun } from "./steps-in-memory.js";

/** What may happen on the way, as chances from 0 to 1 and times in milliseconds. */
export interface Weather {
  readonly concurrent: number;
  readonly splits: number;
  /** A cold start takes up to this long; also how long a full resource group lets calls wait. */
  readonly coldMs: number;
  /** One call of the store takes up to this long. */
  readonly callMs: number;
  /** A split takes up to this long. */
  readonly readMs: number;
  /** Chance that a shard is killed at one of its calls, and that its dispatcher hears of it. */
  readonly kill: number;
  readonly notice: number;
  /** Chance that a shard stands still for longer than its leases hold, at one of its calls. */
  readonly stall: number;
  /** Chance that a call of a shard is delivered a second time. */
  readonly twice: number;
  /** A shard hands over after this long. */
  readonly limitMs: number;
}

/** One delivery of a shard's call: a process as far as the source is concerned. */
interface Process {
  dead: boolean;
  isReading: boolean;
  ended: Promise<void>;
}

const here = new AsyncLocalStorage<{ process: Process; note: () => void; readMs: number }>();

/** Has the reader of invented records take its time, and tell which process reads. */
export async function slowReader(): Promise<void> {
  const { reader } = await loadConnector("stream");
  if (!reader) throw new Error("the stream connector reads");
  const { read } = reader;
  vi.spyOn(reader, "read").mockImplementation(async function* (side, split, from) {
    const at = here.getStore();
    if (!at) throw new Error("nobody reads outside a process");
    at.process.isReading = true;
    at.note();
    try {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, at.readMs);
        side.signal.addEventListener("abort", () => resolve());
      });
      if (!side.signal.aborted) yield* read(side, split, from);
    } finally {
      at.process.isReading = false;
    }
  });
}

/** What was seen of a run while it went. */
export interface Seen {
  /** Most processes that read at the same time. */
  reading: number;
  /** Most splits that were claimed at the same time. */
  claiming: number;
  /** Most calls of shards that waited or ran at the same time, and all of them. */
  present: number;
  calls: number;
  kills: number;
}

/** The real steps of a run over documents in memory, on a platform that is slow, forgets and kills as `random` says. Needs fake timers. */
export async function simulateRun(weather: Weather, random: () => number) {
  const seen: Seen = { reading: 0, claiming: 0, present: 0, calls: 0, kills: 0 };
  const { services: base } = await plannedRun("running", Array(weather.splits).fill({ state: "pending" }));
  await base.runs.update("r1", (run) => ({ ...run, concurrent: weather.concurrent }));
  const documents = watched(base.documents, seen);
  const tasks = new Map<string, "waiting" | "ended">();
  const processes: Process[] = [];
  const note = () => {
    const reading = processes.filter(({ dead, isReading }) => isReading && !dead).length;
    seen.reading = Math.max(seen.reading, reading);
  };
  let isRough = true;
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  const invoker: Invoker = {
    call: async () => null,
    taskState: async (_name, id) => tasks.get(id) ?? "unheardOf",
    async start(name, payload, id) {
      await sleep(random() * weather.callMs);
      if (tasks.has(id)) return false;
      if (name === "reducer") return true;
      tasks.set(id, "waiting");
      seen.calls++;
      seen.present = Math.max(seen.present, [...tasks.values()].filter((state) => state === "waiting").length);
      void deliver(payload as unknown as ShardOrder, id);
      if (isRough && random() < weather.twice) void deliver(payload as unknown as ShardOrder, id);
      return true;
    },
  };
  const dispatcher = servicesOver(documents, invoker);

  async function deliver(order: ShardOrder, id: string): Promise<void> {
    await sleep(random() * weather.coldMs);
    const process = startProcess(order);
    await process.ended;
    tasks.set(id, "ended");
    if (process.dead && random() < weather.notice)
      await sleep(random() * 5000).then(() => replaceShard(dispatcher, order));
  }
  function startProcess(order: ShardOrder): Process {
    let die = (): void => {};
    const death = new Promise<void>((resolve) => {
      die = resolve;
    });
    const process: Process = { dead: false, isReading: false, ended: Promise.resolve() };
    processes.push(process);
    const before = async (): Promise<void> => {
      if (process.dead) await new Promise(() => {});
      if (isRough && random() < weather.kill) {
        process.dead = true;
        seen.kills++;
        die();
        await new Promise(() => {});
      }
      await sleep(isRough && random() < weather.stall ? 40_000 : random() * weather.callMs);
    };
    const services = servicesOver(delayed(documents, before), invoker);
    const limits = { deadline: services.now() + weather.limitMs, noteUsage: async () => {} };
    const at = { process, note, readMs: random() * weather.readMs };
    const working = here.run(at, () => workOnRun(services, order, limits).catch(() => undefined));
    process.ended = Promise.race([death, working]);
    return process;
  }
  return {
    seen,
    services: dispatcher,
    tick: (wave: number) => sweep(dispatcher, `t${wave}`),
    calm: () => {
      isRough = false;
    },
    isDone: async () =>
      (await dispatcher.splits.all({ run: "r1", generation: 1 })).every(({ value }) => value.state === "done"),
  };
}

function servicesOver(documents: Documents, invoker: Invoker): Services {
  return createServices({
    ...{ documents, invoker, stage: "dev", group: "default", resourceGroups: { default: 64 } },
    objects: { list: async () => [] } as unknown as Services["objects"], // no record of these runs is dirty
    secretBox: { seal: () => Promise.reject(new Error("not here")), open: async () => ({}) },
    log: createLog({}, () => {}),
    now: () => Date.now(),
  });
}

/** Counts the claims, right after each change of a split: a shard has one at a time, also one that was delivered twice. */
function watched(documents: Documents, seen: Seen): Documents {
  return {
    ...documents,
    async replace(table, row) {
      const isStored = await documents.replace(table, row);
      if (isStored && table.name === storeTables.splits.name) {
        const all = await documents.list<SplitRow>(storeTables.splits, { prefix: ["r1"], limit: 1000 });
        const held = all.filter(({ value: { state, leaseUntil } }) => state === "claimed" && leaseUntil > Date.now());
        seen.claiming = Math.max(seen.claiming, held.length);
      }
      return isStored;
    },
  };
}

/** The same documents, each call after something else. */
export function delayed(documents: Documents, before: () => Promise<void>): Documents {
  const after =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await before();
      return call(...args);
    };
  const { get, insert, replace, remove, list, insertAll } = documents;
  // Wrapped generics lose their type parameter, nothing else.
  return {
    ...documents,
    get: after(get) as Documents["get"],
    insert: after(insert) as Documents["insert"],
    replace: after(replace) as Documents["replace"],
    list: after(list) as Documents["list"],
    remove: after(remove),
    insertAll: after(insertAll) as Documents["insertAll"],
  };
}

/** Lets fake time pass, second by second, so that what is loaded in between gets its turn. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await vi.advanceTimersByTimeAsync(Math.min(1000, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Numbers from 0 to 1 that a seed decides. */
export function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 7), 61 | state) ^ state;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
