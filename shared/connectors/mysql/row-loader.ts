import type { DataRecord } from "../../model/batch.js";
import { packRows } from "../sql/pack-rows.js";
import type { Attempt, RowLoader } from "../sql/write/refused-rows.js";
import type { MysqlClient } from "./client.js";
import { insertInPieces } from "./insert-in-pieces.js";
import { judgedInsert, lookAtWarnings } from "./judged-insert.js";
import type { LoadEncoder } from "./load-encoder.js";
import { type Refusal, refusalOf, refusalOfWarning, rowOf } from "./refusal.js";
import { type RowView, viewOfRows } from "./row-view.js";
import { duplicateEntry, skippedDuplicates } from "./skipped-duplicates.js";
import type { TargetPlan } from "./target-plan.js";
import { insertParts, loadDataSql, rowLiteral } from "./write-sql.js";

/** What loading rows into one table needs. */
export interface LoadSetting {
  readonly client: MysqlClient;
  readonly plan: TargetPlan;
  readonly batchSize: number;
  readonly batchBytes: number;
}

/** Loads rows by LOAD DATA LOCAL: fast, but it never fails on a bad row, it repairs or skips it and warns. */
export function bulkLoader(setting: LoadSetting, spare: () => LoadEncoder): RowLoader<DataRecord, Refusal> {
  return {
    async loadAll(rows) {
      const encoder = spare();
      encoder.reset();
      // Rows that an encoder without guards leaves out (text in a bit column) are suspects by their position.
      const left = encoder.add(packRows(rows, setting.plan.columns.length));
      if (left.length > 0) return { kind: "refused", suspects: left };
      const load = () => loadEncoded(setting, encoder.bytes(), rows.length, () => viewOfRows(rows));
      return inSavepoint(setting.client, load, isRefusedPart);
    },
    loadOne: (row) => insertOne(setting, row),
  };
}

/** Loads rows by INSERT statements, which fail on a bad row. */
export function insertLoader(setting: LoadSetting): RowLoader<DataRecord, Refusal> {
  return {
    loadAll: (rows) => inSavepoint(setting.client, () => insertAll(setting, rows), isRefusedPart),
    loadOne: (row) => insertOne(setting, row),
  };
}

/**
 * Loads an encoded stream and judges the outcome: taken (with the duplicates it skipped), or refused with the rows the warnings name.
 *
 * @param rowsOf  the rows in the stream; asked for only when there is something to find
 */
export async function loadEncoded(
  { client, plan }: LoadSetting,
  bytes: Buffer,
  count: number,
  rowsOf: () => RowView,
): Promise<Attempt<Refusal>> {
  const outcome = await client.execute(loadDataSql(plan), bytes).catch((error: unknown) => {
    // With REPLACE the statement does fail on the first bad row, and nothing of it stays.
    const why = refusalOf(error);
    if (!why) throw error;
    return why;
  });
  if ("reason" in outcome) {
    const row = rowOf(outcome);
    return { kind: "refused", suspects: row === null ? [] : [row] };
  }
  const { affectedRows, warnings } = outcome;
  const missing = plan.mode === "insert" ? count - affectedRows : 0;
  if (warnings === 0 && missing === 0) return { kind: "taken" };
  const { grave, isAll } = await lookAtWarnings(client, warnings);
  if (isAll && grave.length === 0 && missing === 0) return { kind: "taken" };
  const areDuplicates = isAll && grave.length === missing && grave.every(({ number }) => number === duplicateEntry);
  if (plan.mode === "insert" && areDuplicates) {
    const refused = skippedDuplicates(plan, rowsOf(), grave);
    if (refused) return { kind: "taken", refused };
  }
  return { kind: "refused", suspects: suspectsOf(grave.map(refusalOfWarning), 0) };
}

/** What is refused leaves nothing behind; what the transaction did before stays. */
async function inSavepoint<T>(
  client: MysqlClient,
  load: () => Promise<T>,
  isRefused: (loaded: T) => boolean,
): Promise<T> {
  await client.execute("SAVEPOINT sluice_part");
  const loaded = await load();
  if (isRefused(loaded)) await client.execute("ROLLBACK TO SAVEPOINT sluice_part");
  return loaded;
}

function isRefusedPart({ kind }: Attempt<Refusal>): boolean {
  return kind === "refused";
}

async function insertAll(setting: LoadSetting, rows: readonly DataRecord[]): Promise<Attempt<Refusal>> {
  let first = 0;
  for (const { sql, count } of insertStatements(setting, rows)) {
    // A server cuts the connection of whoever sends more.
    if (Buffer.byteLength(sql) > setting.plan.maxStatementBytes) return { kind: "refused", suspects: [first] };
    const why = await judgedInsert(setting.client, sql);
    if (why.length > 0) return { kind: "refused", suspects: suspectsOf(why, first) };
    first += count;
  }
  return { kind: "taken" };
}

function suspectsOf(refusals: readonly Refusal[], first: number): number[] {
  const rows = refusals.map(rowOf).filter((row) => row !== null);
  return [...new Set(rows)].map((row) => first + row);
}

function* insertStatements(
  setting: LoadSetting,
  rows: readonly DataRecord[],
): Generator<{ sql: string; count: number }> {
  const { plan, batchSize } = setting;
  const { head, tail } = insertParts(plan);
  // A character of text takes at most three bytes.
  const most = Math.min(setting.batchBytes, plan.maxStatementBytes) / 3;
  let literals: string[] = [];
  let size = 0;
  for (const row of rows) {
    const text = rowLiteral(plan, row);
    if (literals.length > 0 && (literals.length >= batchSize || size + text.length > most)) {
      yield { sql: head + literals.join(",") + tail, count: literals.length };
      literals = [];
      size = 0;
    }
    literals.push(text);
    size += text.length + 1;
  }
  if (literals.length > 0) yield { sql: head + literals.join(",") + tail, count: literals.length };
}

async function insertOne({ client, plan }: LoadSetting, row: DataRecord): Promise<Refusal | null> {
  const bytes = rowBytes(row);
  if (bytes > plan.maxStatementBytes) return tooLarge(bytes, plan);
  const { head, tail } = insertParts(plan);
  const sql = head + rowLiteral(plan, row) + tail;
  const isLong = Buffer.byteLength(sql) > plan.maxStatementBytes;
  const insert = () => (isLong ? insertInPieces(client, plan, row) : judgedInsert(client, sql));
  if (plan.isTransactional) return (await inSavepoint(client, insert, (why) => why.length > 0))[0] ?? null;
  const [why] = await insert();
  if (!why?.isTaken) return why ?? null;
  const message = `${why.message}; ${plan.title} has no transactions, so the record stays there as the server bent it`;
  return { ...why, message };
}

/** A row of this size could neither be sent to the server nor come back from it. */
function tooLarge(bytes: number, plan: TargetPlan): Refusal {
  const message = `the record has ${bytes} bytes; max_allowed_packet of ${plan.title} leaves room for ${plan.maxStatementBytes}`;
  return { reason: "TOO_LARGE", message };
}

/** Bytes of a row's cells. */
export function rowBytes(row: DataRecord): number {
  return row.reduce((sum, cell) => sum + (cell === null ? 0 : Buffer.byteLength(cell)), 0);
}
