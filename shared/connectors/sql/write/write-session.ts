import type { Batch, Column } from "../../../model/batch.js";
import { counted } from "../../../model/counted.js";
import { type SluiceError, UserError } from "../../../model/errors.js";
import { startOfSplit } from "../../../model/progress.js";
import type { WriteReport, WriteSession } from "../../contract.js";
import type { SqlClient } from "../client.js";
import type { SqlWriteTypes } from "../types.js";
import { type Chunk, chunkLoader, emptyChunk, withBatch } from "./chunk.js";
import { commit, deliver, withRetry } from "./deliver-chunk.js";
import type { ChunkDelivery, DeliverySetting } from "./delivery.js";
import { type BatchFitter, batchFitter } from "./fit-batch.js";
import type { LedgerEntry } from "./ledger.js";
import { claimLedger } from "./ledger-table.js";

/** A statement of about this size: large enough for the server to be busy, small enough for memory and for a quick repeat. */
const CHUNK_BYTES = 1024 * 1024;
/** Rows weigh more than their bytes when decoded; narrow ones make a chunk by number. */
const CHUNK_ROWS = 20_000;
/** Records that the reader found dirty are neither bytes to send nor rows, but are held as well until they are kept. */
const CHUNK_HELD_BYTES = 4 * 1024 * 1024;

/** What a session writes with. */
export interface SessionSetting<X extends SqlWriteTypes> extends DeliverySetting<X> {
  /** Zone in which dates without one are meant; null = the default. */
  readonly timeZone: string | null;
  /** The batch with its dates on the clocks that the table wants. */
  placed(batch: Batch): Batch;
  /** True when it is so already, for any batch of such columns. */
  keepsClocks(columns: readonly Column[]): boolean;
}

interface Session<X extends SqlWriteTypes> extends SessionSetting<X>, ChunkDelivery<X> {
  readonly fit: BatchFitter;
  /** The batch may go as it came. */
  readonly isNative: (batch: Batch) => boolean;
  readonly ledger: LedgerEntry | null;
  open: Chunk;
  inFlight: Promise<void> | null;
  isBusy: boolean;
  failure: SluiceError | null;
}

/** Opens a split: claims its ledger row, if there is a ledger, and learns where the target says it stands. */
export async function openWriteSession<X extends SqlWriteTypes>(setting: SessionSetting<X>): Promise<WriteSession> {
  const { system, line, plan, split } = setting;
  const { runId, attempt } = split;
  const claim = () => claimLedger(system, line.client, { runId, split: split.split, attempt });
  const ledger = plan.ledger ? await withRetry(setting, claim, "ROLLBACK") : null;
  await line.client.execute(system.writing.transactions.enter);
  const { bulk, ruleOfPair } = system.writing;
  const encoder = () => (bulk && plan.bulk ? bulk.encoder(plan, { setAside: plan.mode === "insert" }) : null);
  const session: Session<X> = {
    ...setting,
    loader: chunkLoader(setting),
    fit: batchFitter(ruleOfPair, plan, setting.timeZone),
    isNative: nativeTest(setting),
    ledger,
    progress: ledger?.progress ?? (plan.ledger ? startOfSplit : split.progress),
    ...{ news: null, isPending: false, inFlight: null, isBusy: false, failure: null, isOver: false, isClosed: false },
    open: emptyChunk(encoder()),
  };
  return sessionOf(session, encoder());
}

function sessionOf<X extends SqlWriteTypes>(session: Session<X>, second: Chunk["encoder"]): WriteSession {
  const { ledger, plan, line } = session;
  if (ledger?.isComplete && ledger.progress.checkpoint === null) return completeSession(ledger, line.client);
  let idle = second;
  const send = async (): Promise<void> => {
    await settle(session);
    const chunk = session.open;
    session.open = emptyChunk(idle);
    idle = chunk.encoder;
    session.isBusy = true;
    session.inFlight = deliver(session, chunk)
      .catch((error: unknown) => {
        session.failure = session.system.errors.toSluiceError(error, `writing ${plan.title}`);
      })
      .finally(() => {
        session.isBusy = false;
      });
  };
  const drain = async (): Promise<void> => {
    if (session.open.batches.length > 0) await send();
    await settle(session);
  };
  return {
    ...(plan.ledger ? { resumeFrom: ledger?.progress ?? startOfSplit } : {}),
    async write(batch) {
      assertTakes(session, batch);
      session.open = added(session, batch);
      if (isFull(session)) await send();
      return report(session);
    },
    async flush() {
      await drain();
      return report(session);
    },
    async close() {
      await drain();
      if (session.isPending) await commit(session, { isComplete: true }).catch((error) => fail(session, error));
      session.isClosed = true;
      for (const encoder of [session.open.encoder, idle]) encoder?.close();
      await line.client.close();
      return report(session);
    },
    async abort() {
      if (session.isClosed) return;
      session.isClosed = true;
      if (session.isBusy) await line.client.cut();
      // Closing a connection rolls back what it did not commit.
      else await line.client.close();
    },
  };
}

function added<X extends SqlWriteTypes>(session: Session<X>, batch: Batch): Chunk {
  const isNative = session.isNative(batch);
  const given = isNative ? batch : session.placed(session.fit(batch));
  return withBatch(session.open, given, { width: session.plan.columns.length, isNative });
}

/** Whether batches may go as they came is decided once for the columns of a split. */
function nativeTest<X extends SqlWriteTypes>(setting: SessionSetting<X>): (batch: Batch) => boolean {
  const { system, plan, keepsClocks } = setting;
  const path = plan.bulk ? system.writing.bulk : undefined;
  let known: { readonly of: readonly Column[]; readonly form: string; readonly takes: boolean } | null = null;
  return ({ native, columns }) => {
    if (!path?.takesNative || !native || native.form === null) return false;
    const { form } = native;
    if (known?.of !== columns || known.form !== form)
      known = { of: columns, form, takes: path.takesNative(plan, columns, form) && keepsClocks(columns) };
    return known.takes;
  };
}

function isFull<X extends SqlWriteTypes>({ open: { bytes, count, held }, plan, system }: Session<X>): boolean {
  const times = (plan.bulk && system.writing.bulk?.chunkTimes) || 1;
  return bytes >= CHUNK_BYTES * times || count >= CHUNK_ROWS * times || held >= CHUNK_HELD_BYTES * times;
}

/**
 * The split was written to its end before, from a source that cannot be resumed: what it would deliver again is there.
 * Starting from the end's counters keeps the dirty records of that attempt.
 */
function completeSession({ progress }: LedgerEntry, client: SqlClient): WriteSession {
  const nothing: WriteReport = { durable: null };
  return {
    resumeFrom: progress,
    isComplete: true,
    write: async () => nothing,
    flush: async () => nothing,
    close: async () => {
      await client.close();
      return { durable: progress };
    },
    abort: () => client.close(),
  };
}

async function settle<X extends SqlWriteTypes>(session: Session<X>): Promise<void> {
  await session.inFlight;
  session.inFlight = null;
  if (session.failure) throw session.failure;
}

function report<X extends SqlWriteTypes>(session: Session<X>): WriteReport {
  const durable = session.news;
  session.news = null;
  return { durable };
}

function fail<X extends SqlWriteTypes>(session: Session<X>, error: unknown): never {
  session.failure = session.system.errors.toSluiceError(error, `writing ${session.plan.title}`);
  throw session.failure;
}

/** Tables of one job may differ; cells of the wrong width would end up in the wrong columns. */
function assertTakes<X extends SqlWriteTypes>(session: Session<X>, batch: Batch): void {
  assertOpen(session);
  const { plan } = session;
  if (batch.columns.length === plan.columns.length) return;
  const message = `${plan.title} takes ${counted(plan.columns.length, "column")}, but records of ${batch.columns.length} arrived`;
  throw new UserError("CONFIG_INVALID", message, { path: "column" });
}

function assertOpen<X extends SqlWriteTypes>(session: Session<X>): void {
  if (session.failure) throw session.failure;
  if (session.isClosed) throw new UserError("CANCELLED", "the session is closed");
}
