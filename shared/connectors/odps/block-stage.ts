import { promisify } from "node:util";
import { constants, deflate } from "node:zlib";
import { UserError } from "../../model/errors.js";
import type { Progress } from "../../model/progress.js";
import type { OdpsClient } from "./client.js";
import { partitionId, type StagedBlock, type StagedBlocks, stagedBlocksJson } from "./staged.js";
import { putBlock, type TunnelPlace } from "./tunnel.js";
import { clearRecords, footer, openRecordWriter, type RecordWriter } from "./wire/record-writer.js";

const deflated = promisify(deflate);

/** Blocks on their way at once: many small ones, or a few large ones, whose buffers bound the memory of a split. */
const IN_FLIGHT = 8;
const IN_FLIGHT_BYTES = 48 * 1024 * 1024;
/** Records of all partitions that wait for their block, bytes. */
const WAITING_BYTES = 32 * 1024 * 1024;

/** An upload session that blocks go into. */
export interface OpenSession {
  readonly id: string;
  readonly place: TunnelPlace;
  /** The first number that is free, and how many follow it. */
  readonly first: number;
  readonly count: number;
}

/** What a stage needs. */
export interface StageOptions {
  readonly client: OdpsClient;
  readonly compresses: boolean;
  readonly blockBytes: number;
  /** What earlier attempts left, which stays. */
  readonly staged: StagedBlocks;
  /** Told of partitions that are about to get their first block, all at once where they are many. */
  announce(partitions: readonly (readonly string[])[]): Promise<void>;
  /** The session of a partition, begun or continued at its first record. */
  sessionOf(values: readonly string[]): Promise<OpenSession>;
}

interface Partition {
  readonly values: readonly string[];
  readonly writer: RecordWriter;
  session: Promise<OpenSession> | null;
  id: string;
  sent: number;
  readonly blocks: StagedBlock[];
}

/** Collects records into blocks, partition by partition, and sends these; nothing of it is visible. */
export interface BlockStage {
  writerOf(values: readonly string[]): RecordWriter;
  /** Cuts what is large enough; `progress` is where the split stands behind all records so far. */
  put(progress: Progress): Promise<void>;
  /** The latest progress whose records the service has; null = no news. */
  news(): Promise<Progress | null>;
  /** Sends all. */
  flush(): Promise<void>;
  staged(): StagedBlocks;
}

interface State extends StageOptions {
  readonly partitions: Map<string, Partition>;
  readonly underWay: {
    readonly work: Promise<void>;
    readonly done: () => void;
    readonly bytes: number;
    isSettled: boolean;
  }[];
  /** Behind all records that were added; null = nothing new. */
  reached: Progress | null;
  durable: Progress | null;
}

/** Makes a stage. */
export function blockStage(options: StageOptions): BlockStage {
  const state: State = { ...options, partitions: new Map(), underWay: [], reached: null, durable: null };
  return {
    writerOf: (values) => partitionOf(state, values).writer,
    async put(progress) {
      state.reached = progress;
      await cutLarge(state);
    },
    async news() {
      while (state.underWay[0]?.isSettled) await takeFirst(state);
      const { durable } = state;
      state.durable = null;
      return durable && { ...durable, staged: stagedBlocksJson(snapshot(state)) };
    },
    async flush() {
      const waiting = [...state.partitions.values()].filter(({ writer }) => writer.count > 0);
      await announce(state, waiting);
      for (const partition of waiting) await cut(state, partition);
      while (state.underWay.length > 0) await takeFirst(state);
      // Without a record on its way, all that was read is safe: it was dirty.
      state.durable = state.reached ?? state.durable;
      state.reached = null;
    },
    staged: () => snapshot(state),
  };
}

function partitionOf({ partitions }: State, values: readonly string[]): Partition {
  const id = values.length === 0 ? "[]" : partitionId(values);
  const known = partitions.get(id);
  if (known) return known;
  const made: Partition = { values, writer: openRecordWriter(), session: null, id: "", sent: 0, blocks: [] };
  partitions.set(id, made);
  return made;
}

/** Blocks of their full size; beyond the memory that is there, the largest. */
async function cutLarge(state: State): Promise<void> {
  const { partitions, blockBytes } = state;
  let waiting = 0;
  for (const partition of partitions.values()) {
    if (partition.writer.sink.at >= blockBytes) await cut(state, partition);
    waiting += partition.writer.sink.at;
  }
  while (waiting > WAITING_BYTES) {
    const [largest] = [...partitions.values()].sort((a, b) => b.writer.sink.at - a.writer.sink.at);
    if (!largest) return;
    waiting -= largest.writer.sink.at;
    await cut(state, largest);
  }
}

/** Those that have no session yet. */
async function announce(state: State, partitions: readonly Partition[]): Promise<void> {
  const fresh = partitions.filter(({ session }) => session === null);
  if (fresh.length > 0) await state.announce(fresh.map(({ values }) => values));
}

/** Sends the records of a partition as its next block. */
async function cut(state: State, partition: Partition): Promise<void> {
  const { writer } = partition;
  if (writer.count === 0) return;
  const records = writer.count;
  const raw = Buffer.concat([writer.sink.bytes.subarray(0, writer.sink.at), footer(writer)]);
  clearRecords(writer);
  // Only what is behind all records of all partitions is a place to go on from.
  const isAll = [...state.partitions.values()].every((one) => one.writer.count === 0);
  const reached = isAll ? state.reached : null;
  if (isAll) state.reached = null;
  await announce(state, [partition]);
  partition.session ??= state.sessionOf(partition.values);
  partition.session.catch(() => undefined); // the block reports it
  const at = partition.sent++;
  let number = 0;
  const work = partition.session.then(async (session) => {
    partition.id = session.id;
    number = numberOf(session, at);
    const body = state.compresses ? await deflated(raw, { level: constants.Z_BEST_SPEED }) : raw;
    await putBlock(state.client, session.place, {
      id: session.id,
      block: number,
      body,
      encoding: state.compresses ? "deflate" : null,
    });
  });
  const done = () => {
    partition.blocks.push([number, records]);
    state.durable = reached ?? state.durable;
  };
  await add(state, { work, done, bytes: raw.length, isSettled: false });
}

function numberOf({ first, count }: OpenSession, at: number): number {
  if (at < count) return first + at;
  const message = `the split has used its ${count} blocks of the session's 20,000: run it with fewer splits, or in several runs`;
  throw new UserError("CONFIG_INVALID", message, { path: "blockSizeInMB" });
}

async function add(state: State, entry: State["underWay"][number]): Promise<void> {
  const { underWay } = state;
  // A failure is thrown when its turn comes; until then it must not end the process.
  const settle = () => {
    entry.isSettled = true;
  };
  entry.work.then(settle, settle);
  underWay.push(entry);
  const bytes = () => underWay.reduce((sum, one) => sum + one.bytes, 0);
  while (underWay.length > IN_FLIGHT || (underWay.length > 1 && bytes() > IN_FLIGHT_BYTES)) await takeFirst(state);
}

/** In the order in which they began, so that progress never runs ahead. */
async function takeFirst({ underWay }: State): Promise<void> {
  const [first] = underWay;
  await first?.work;
  first?.done();
  underWay.shift();
}

function snapshot({ staged, partitions }: State): StagedBlocks {
  const own = [...partitions.values()].filter(({ blocks }) => blocks.length > 0);
  const continued = new Set(own.map(({ id }) => id));
  const earlier = (id: string) => staged.find((one) => one.id === id)?.blocks ?? [];
  return [
    ...staged.filter(({ id }) => !continued.has(id)),
    ...own.map(({ id, values, blocks }) => ({ id, values, blocks: [...earlier(id), ...blocks] })),
  ];
}
