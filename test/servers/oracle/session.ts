import { randomInt } from "node:crypto";
import {
  answered,
  noMoreRows,
  type OracleError,
  type ResultColumn,
  writeColumns,
  writeEnd,
  writeRows,
} from "./answers.js";
import {
  type BoundValue,
  type Call,
  type KnownBinds,
  LOCATOR_BYTES,
  lobOperations,
  readCall,
  type WireColumn,
} from "./calls.js";
import type { Done, EngineSession, EngineValue, OracleEngine } from "./database.js";
import type { WireWriter } from "./wire.js";
import { WireReader } from "./wire.js";

/** A statement that the client may run again. */
interface Cursor {
  readonly sql: string;
  columns: readonly ResultColumn[];
  defines: readonly WireColumn[];
  rows: readonly (readonly unknown[])[];
  /** Rows that were sent. */
  sent: number;
}

/** What the tests want to know of the work that was done. */
export interface ServerLog {
  /** Statements as they were run, with how often. */
  readonly statements: { readonly sql: string; readonly rows: number }[];
  /** Fetches, with the rows that each sent. */
  readonly fetched: number[];
}

/** A client that has logged in. */
export interface WireSession {
  /** @returns null = nothing is answered */
  answer(payload: Buffer): Promise<Buffer | null>;
  /** Ends what is waiting or asleep, which then gets no answer. */
  interrupt(): void;
  close(): void;
}

/** Statements that wait, for tests of what becomes of them. */
const SLEEP = /^\s*BEGIN\s+DBMS_SESSION\.SLEEP\((\d+)\);\s*END;?\s*$/i;

/** Starts a session of a client. */
export function wireSession(engine: OracleEngine, log: ServerLog): WireSession {
  const session = engine.session();
  const cursors = new Map<number, Cursor>();
  const binds: KnownBinds = new Map();
  const lobs = new Map<number, { readonly isBinary: boolean; data: Buffer }>();
  let interrupted: ((error: Error) => void) | null = null;
  let isGone = false;
  const open: Open = { engine, session, cursors, lobs, log, binds, isGone: () => isGone };
  return {
    async answer(payload) {
      const call = readCall(new WireReader(payload), binds);
      const stopped = new Promise<never>((_, reject) => {
        interrupted = reject;
      });
      stopped.catch(() => {});
      try {
        return await Promise.race([answerTo(open, call), stopped]);
      } catch (error) {
        if (error === interruption) return null;
        return answered((answer) => writeEnd(answer, { ...ended(open, 0), error: asError(error) }));
      } finally {
        interrupted = null;
      }
    },
    interrupt: () => interrupted?.(interruption),
    close() {
      isGone = true;
      engine.end(session, "ROLLBACK");
    },
  };
}

const interruption = new Error("interrupted by the client");

interface Open {
  readonly engine: OracleEngine;
  readonly session: EngineSession;
  readonly cursors: Map<number, Cursor>;
  readonly lobs: Map<number, { readonly isBinary: boolean; data: Buffer }>;
  readonly log: ServerLog;
  readonly binds: KnownBinds;
  isGone(): boolean;
}

function ended({ engine, session }: Open, cursor: number, rows = 0) {
  return { cursor, rows, inTransaction: engine.inTransaction(session) };
}

function asError(error: unknown): OracleError {
  const message = error instanceof Error ? error.message : String(error);
  const number = /^ORA-(\d+)/.exec(message)?.[1];
  if (number === undefined)
    return { number: 600, message: `ORA-00600: internal error code, arguments: [${message}]\n` };
  return { number: Number(number), message: `${message}\n` };
}

async function answerTo(open: Open, call: Call): Promise<Buffer> {
  if (call.kind === "execute") return execute(open, call);
  if (call.kind === "fetch") return answered((answer) => sendRows(open, answer, call));
  if (call.kind === "lob") return lobAnswer(open, call);
  if (call.kind === "commit" || call.kind === "rollback")
    open.engine.end(open.session, call.kind === "commit" ? "COMMIT" : "ROLLBACK");
  return answered((answer) => writeEnd(answer, ended(open, 0)));
}

type Execution = Extract<Call, { kind: "execute" }>;

async function execute(open: Open, call: Execution): Promise<Buffer> {
  const { engine, session, cursors, log } = open;
  const number = call.cursor || cursors.size + 1;
  const known = cursors.get(number);
  const sql = call.sql ?? known?.sql ?? "";
  const cursor: Cursor = known?.sql === sql ? known : { sql, columns: [], defines: [], rows: [], sent: 0 };
  cursors.set(number, cursor);
  if (call.binds) open.binds.set(number, call.binds);
  if (call.defines.length > 0) {
    cursor.defines = call.defines;
    return answered((answer) => writeEnd(answer, ended(open, number)));
  }
  if (!call.runs) {
    cursor.columns = engine.describe(session, sql) ?? [];
    return answered((answer) => {
      if (call.describes) writeColumns(answer, cursor.columns);
      writeEnd(answer, ended(open, number));
    });
  }
  const sleep = SLEEP.exec(sql);
  if (sleep) await new Promise((resolve) => setTimeout(resolve, Number(sleep[1]) * 1000).unref());
  await engine.turn(session, sql);
  if (open.isGone()) throw interruption;
  const { done, failed } = sleep ? { done: nothing, failed: [] } : runRows(open, sql, call);
  log.statements.push({ sql, rows: call.executions });
  if (call.commits && failed.length === 0) engine.end(session, "COMMIT");
  if (done.columns) Object.assign(cursor, { columns: done.columns, rows: done.rows, sent: 0 });
  const isDescribed = call.cursor !== 0 && call.sql === null && known !== undefined;
  return answered((answer) => {
    if (!done.columns) return writeEnd(answer, { ...ended(open, number, done.changed), batchErrors: failed });
    if (!isDescribed) writeColumns(answer, cursor.columns);
    // Large values come as the client defines them, after this.
    const isLarge = cursor.columns.some(({ type }) => /LOB$/.test(type));
    const count = isLarge && cursor.defines.length === 0 ? 0 : call.fetch;
    if (count === 0) return writeEnd(answer, ended(open, number));
    sendRows(open, answer, { cursor: number, count });
  });
}

const nothing: Done = { columns: null, rows: [], changed: 0 };

/** Each row by itself; with batch errors, one that fails costs no other. */
function runRows(open: Open, sql: string, call: Execution) {
  const { engine, session } = open;
  const failed: { number: number; message: string; offset: number }[] = [];
  let [done, changed]: [Done, number] = [nothing, 0];
  const rows = call.rows.length > 0 ? call.rows : [[]];
  if (rows.length > 1) engine.run(session, "SAVEPOINT WHOLE_STATEMENT", []);
  for (const [offset, row] of rows.entries()) {
    try {
      done = engine.run(
        session,
        sql,
        row.map((value) => engineValue(open, value)),
      );
      changed += done.changed;
    } catch (error) {
      if (!call.batchErrors) {
        if (rows.length > 1) engine.run(session, "ROLLBACK TO SAVEPOINT WHOLE_STATEMENT", []);
        throw error;
      }
      failed.push({ ...asError(error), offset });
    }
  }
  return { done: { ...done, changed }, failed };
}

function engineValue({ lobs }: Open, value: BoundValue): EngineValue {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return value;
  const lob = lobs.get(value.lob);
  if (!lob) throw new Error("ORA-22922: nonexistent LOB value");
  return lob.isBinary ? new Uint8Array(lob.data) : lob.data.toString();
}

function sendRows(open: Open, answer: WireWriter, { cursor: number, count }: { cursor: number; count: number }): void {
  const cursor = open.cursors.get(number);
  if (!cursor) throw new Error("ORA-01001: invalid cursor");
  const rows = cursor.rows.slice(cursor.sent, cursor.sent + count);
  cursor.sent += rows.length;
  open.log.fetched.push(rows.length);
  writeRows(answer, rows, cursor.columns, cursor.defines);
  const isOver = rows.length < count;
  writeEnd(answer, { ...ended(open, number, cursor.sent), ...(isOver ? { error: noMoreRows } : {}) });
}

const CHUNK_BYTES = 8_132;

function lobAnswer({ lobs }: Open, call: Extract<Call, { kind: "lob" }>): Buffer {
  const number = call.operation === lobOperations.create ? randomInt(1, 2 ** 31) : call.lob;
  if (call.operation === lobOperations.create) lobs.set(number, { isBinary: call.isBinary, data: Buffer.alloc(0) });
  const lob = lobs.get(number);
  if (call.operation === lobOperations.write && lob) lob.data = Buffer.concat([lob.data, call.data ?? Buffer.alloc(0)]);
  const locator = Buffer.alloc(LOCATOR_BYTES);
  locator.writeUInt32BE(number, 0);
  return answered((answer) => {
    answer.byte(8).raw(locator);
    if (call.operation === lobOperations.create) answer.number(873).byte(0);
    else if (call.operation !== lobOperations.write) answer.number(CHUNK_BYTES);
    answer.byte(9).number(0, 0);
  });
}
