import type { DataRecord } from "../../../model/batch.js";
import { packRows } from "../pack-rows.js";
import type { SqlWriteTypes } from "../types.js";
import { type InsertSetting, insertStatements, rowLiteral } from "./insert-sql.js";
import type { RowRefusal } from "./refusal.js";
import type { Attempt, RowLoader } from "./refused-rows.js";
import type { Renewable } from "./renewable.js";
import { viewOfRows } from "./row-view.js";
import type { BoundRows, BulkPath, LiteralRows, RowEncoder, WritableSystem } from "./system.js";
import type { TargetPlan } from "./target-plan.js";

/** What loading rows into one table needs. */
export interface LoadSetting<X extends SqlWriteTypes> extends Omit<InsertSetting<X>, "literals"> {
  readonly system: WritableSystem<X>;
  readonly line: Renewable<X["client"]>;
}

/** The same where rows go in the text of statements. */
export interface LiteralSetting<X extends SqlWriteTypes> extends LoadSetting<X> {
  readonly literals: LiteralRows<X>;
}

/** Loads rows as values of a prepared statement. */
export function boundLoader<X extends SqlWriteTypes>(
  setting: LoadSetting<X>,
  { bound }: Pick<BoundRows<X>, "bound">,
): RowLoader {
  const { line, plan, batchSize } = setting;
  const loadAll = (rows: readonly DataRecord[]) =>
    inSavepoint(setting, () => bound.load(line.client, rows, { plan, batchSize }), isRefusedPart);
  return {
    loadAll,
    async loadOne(row) {
      const attempt = await loadAll([row]);
      if (attempt.kind === "taken") return attempt.refused?.[0]?.why ?? null;
      return { reason: "REFUSED", message: "the server does not say why" };
    },
  };
}

/** Loads rows by a bulk path, single ones by INSERT. */
export function bulkLoader<X extends SqlWriteTypes>(
  setting: LiteralSetting<X>,
  bulk: BulkPath<X>,
  spare: () => RowEncoder,
): RowLoader {
  const { line, plan } = setting;
  return {
    async loadAll(rows) {
      const encoder = spare();
      encoder.reset();
      // Rows that an encoder which sets none aside leaves out are suspects by their position.
      const left = encoder.add(packRows(rows, plan.columns.length));
      if (left.length > 0) return { kind: "refused", suspects: left };
      const sent = { bytes: encoder.bytes(), count: rows.length, rows: () => viewOfRows(rows) };
      return inSavepoint(setting, () => bulk.load(line.client, plan, sent), isRefusedPart);
    },
    loadOne: (row) => insertOne(setting, row),
  };
}

/** Loads rows by INSERT statements, which fail on a bad row. */
export function insertLoader<X extends SqlWriteTypes>(setting: LiteralSetting<X>): RowLoader {
  return {
    loadAll: (rows) => inSavepoint(setting, () => insertAll(setting, rows), isRefusedPart),
    loadOne: (row) => insertOne(setting, row),
  };
}

/** What is refused leaves nothing behind; what the transaction did before stays. */
async function inSavepoint<X extends SqlWriteTypes, T>(
  { system, line }: LoadSetting<X>,
  load: () => Promise<T>,
  isRefused: (loaded: T) => boolean,
): Promise<T> {
  const { savepoint, rollbackTo, forget } = system.writing.transactions;
  await line.client.execute(savepoint("sluice_part"));
  const loaded = await load();
  const after = isRefused(loaded) ? rollbackTo : forget;
  if (after) await line.client.execute(after("sluice_part"));
  return loaded;
}

function isRefusedPart({ kind }: Attempt): boolean {
  return kind === "refused";
}

async function insertAll<X extends SqlWriteTypes>(
  setting: LiteralSetting<X>,
  rows: readonly DataRecord[],
): Promise<Attempt> {
  let first = 0;
  for (const { sql, count } of insertStatements(setting, rows)) {
    // A server cuts the connection of whoever sends more.
    if (Buffer.byteLength(sql) > setting.plan.maxStatementBytes) return { kind: "refused", suspects: [first] };
    const why = await judge(setting, sql);
    if (why.length > 0) return { kind: "refused", suspects: suspectsOf(setting, why, first) };
    first += count;
  }
  return { kind: "taken" };
}

function suspectsOf<X extends SqlWriteTypes>(
  { system }: LoadSetting<X>,
  refusals: readonly RowRefusal[],
  first: number,
): number[] {
  const rows = refusals.map((why) => system.writing.rowOf?.(why) ?? null).filter((row) => row !== null);
  return [...new Set(rows)].map((row) => first + row);
}

async function judge<X extends SqlWriteTypes>(
  { system: { writing }, line }: LoadSetting<X>,
  sql: string,
): Promise<readonly RowRefusal[]> {
  if (writing.judge) return writing.judge(line.client, sql);
  try {
    await line.client.execute(sql);
    return [];
  } catch (error) {
    const why = writing.refusalOf(error);
    if (!why) throw error;
    return [why];
  }
}

async function insertOne<X extends SqlWriteTypes>(
  setting: LiteralSetting<X>,
  row: DataRecord,
): Promise<RowRefusal | null> {
  const { system, literals, line, plan } = setting;
  const { insertLong } = system.writing;
  const bytes = rowBytes(row);
  if (bytes > plan.maxStatementBytes) return tooLarge(bytes, plan);
  const { head, tail } = literals.insertParts(plan);
  const sql = head + rowLiteral(literals, plan, row) + tail;
  const length = Buffer.byteLength(sql);
  const isLong = length > plan.maxStatementBytes;
  if (isLong && !insertLong) return tooLarge(length, plan);
  const insert = () => (isLong && insertLong ? insertLong(line.client, plan, row) : judge(setting, sql));
  if (plan.isTransactional) return (await inSavepoint(setting, insert, (why) => why.length > 0))[0] ?? null;
  const [why] = await insert();
  if (!why?.isTaken) return why ?? null;
  const message = `${why.message}; ${plan.title} has no transactions, so the record stays there as the server bent it`;
  return { ...why, message };
}

/** A row of this size could neither be sent to the server nor come back from it. */
function tooLarge(bytes: number, plan: TargetPlan): RowRefusal {
  const message = `the record has ${bytes} bytes; a statement for ${plan.title} has room for ${plan.maxStatementBytes}`;
  return { reason: "TOO_LARGE", message };
}

/** Bytes of a row's cells. */
export function rowBytes(row: DataRecord): number {
  return row.reduce((sum, cell) => sum + (cell === null ? 0 : Buffer.byteLength(cell)), 0);
}
