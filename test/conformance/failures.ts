import { batchOf } from "../../shared/model/batch.js";
import { toErrorReport } from "../../shared/model/errors.js";
import type { JsonObject } from "../../shared/model/json.js";
import { patience } from "../servers/pace.mjs";
import { batchesOf, planned, sideOf, splitRefOf } from "./drive.js";
import { type Scratch, testColumns } from "./fixture.js";
import { plainRows } from "./rows.js";
import type { Bench } from "./suite.js";

/** What a call told that failed: an error with all that hangs on it, or steps of a connectivity test. */
export interface Failure {
  readonly call: string;
  readonly text: string;
}

/** Data sources that fail, or whose objects do, by what is wrong with them. */
export function waysToFail({
  source,
  wrongPassword,
  closedPort,
  failing,
  missing,
}: Scratch): Record<string, JsonObject> {
  return {
    ...(wrongPassword && { "a wrong password": wrongPassword }),
    ...(closedPort && { "a closed port": closedPort }),
    ...failing,
    // The data source works; what is asked of it is not there.
    ...(missing && { "a missing object": source }),
  };
}

/** Tries all that can be done with a data source, each thing by itself, and collects what failed. */
export async function failuresOf<S, R, W>(bench: Bench<S, R, W>, properties: JsonObject): Promise<Failure[]> {
  const tried = Object.entries(callsOn(bench, properties)).map(async ([call, run]) => ({
    call,
    text: await tellsOf(run),
  }));
  return (await Promise.all(tried)).flatMap(({ call, text }) => (text === null ? [] : [{ call, text }]));
}

/** All that a call's failure tells; null when it went well. */
export async function tellsOf(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return `${textsIn(error).join("\n")}\n${JSON.stringify(toErrorReport(error))}`;
  }
}

type Calls = Record<string, () => Promise<unknown>>;

function callsOn<S, R, W>(bench: Bench<S, R, W>, properties: JsonObject): Calls {
  const { connector } = bench;
  const source = connector.source.schema.parse(properties);
  const signal = () => AbortSignal.timeout(patience(6_000));
  const { check, catalog } = connector;
  const table = bench.scratch().missing?.table;
  return {
    ...(check && { check: async () => failedSteps(await check(source, signal(), { write: true })) }),
    ...(catalog && { tables: () => catalog.tables(source, { search: "", limit: 5, page: null }, signal()) }),
    ...(catalog?.columns && table && { "columns of a table": async () => catalog.columns?.(source, table, signal()) }),
    ...readerCalls(bench, properties),
    ...writerCalls(bench, properties),
  };
}

function failedSteps(steps: readonly { readonly ok: boolean }[]): void {
  if (steps.some(({ ok }) => !ok)) throw new Error(JSON.stringify(steps));
}

function readerCalls<S, R, W>({ connector, scratch }: Bench<S, R, W>, properties: JsonObject): Calls {
  const { reader } = connector;
  const parameter = scratch().missing?.reader;
  if (!reader || !parameter) return {};
  const side = () => sideOf(connector, reader.params, properties, parameter);
  return {
    "reader's columns": async () => reader.columns(side()),
    split: async () => reader.split(side(), 5),
    read: async () => {
      const [split] = await planned(reader, side(), 1);
      if (split) await batchesOf(reader, side(), split);
    },
    "read what was there": async () => {
      // Planned while all was well: only reading meets the failure.
      const filled = await scratch().fill?.(plainRows(10));
      const good = sideOf(connector, reader.params, scratch().source, filled ?? parameter);
      const [split] = filled ? await planned(reader, good, 1) : [];
      if (split) await batchesOf(reader, sideOf(connector, reader.params, properties, filled ?? parameter), split);
    },
  };
}

function writerCalls<S, R, W>({ connector, scratch, options }: Bench<S, R, W>, properties: JsonObject): Calls {
  const { writer } = connector;
  const parameter = scratch().missing?.writer;
  const [mode] = options.modes;
  if (!writer || !parameter || !mode) return {};
  const run = { runId: "failing", exactlyOnce: "auto", columns: testColumns } as const;
  const side = () => sideOf(connector, writer.params, properties, { ...parameter, ...mode.parameter });
  const prepared = async () => {
    const target = await scratch().target?.(mode);
    const good = { ...(target?.parameter ?? parameter), ...mode.parameter };
    const ready = await writer.prepare(sideOf(connector, writer.params, scratch().source, good), run);
    return { ready, failing: sideOf(connector, writer.params, properties, good) };
  };
  return {
    "writer's columns": async () => writer.columns(side()),
    prepare: async () => writer.prepare(side(), run),
    write: async () => {
      const { ready, failing } = await prepared();
      const session = await writer.open(failing, splitRefOf(ready, testColumns, [], { runId: run.runId }));
      try {
        await session.write(batchOf(plainRows(10), { columns: testColumns, checkpoint: 1, dirty: [] }));
        await session.close();
      } finally {
        await session.abort();
      }
    },
    finish: async () => {
      const { ready, failing } = await prepared();
      await writer.finish?.(failing, { ...run, prepared: ready }, []);
    },
    discard: async () => {
      const { ready, failing } = await prepared();
      await writer.discard?.(failing, { ...run, prepared: ready }, []);
    },
  };
}

/** Nothing that drivers hang on an error is deeper, and what is deeper is nobody's message. */
const DEEPEST = 6;
const MOST = 20_000;

/** All texts that a thrown value holds: those of an error that no loop finds, its causes, and whatever hangs on it. */
function textsIn(thrown: unknown): string[] {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  let level: unknown[] = [thrown];
  for (let depth = 0; depth <= DEEPEST && seen.size < MOST; depth++) {
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string") texts.push(value);
      if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString("utf8"));
      if (typeof value !== "object" || value === null || value instanceof Uint8Array || seen.has(value)) continue;
      seen.add(value);
      if (value instanceof Error) next.push(value.name, value.message, value.stack, value.cause);
      if (value instanceof AggregateError) next.push(...value.errors);
      next.push(...Object.keys(value), ...Object.values(value));
    }
    level = next;
  }
  return texts;
}
