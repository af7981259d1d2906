import type { Cell, DataRecord } from "../../model/batch.js";
import type { Attempt, RefusedRow } from "../sql/write/refused-rows.js";
import type { BoundSetting } from "../sql/write/system.js";
import { db2RowSql } from "./bind-sql.js";
import type { Db2Connection } from "./client.js";
import { db2RefusalOf } from "./server-error.js";
import type { Db2Plan } from "./target-column.js";
import type { Db2Types } from "./types.js";

/** Rows whose defaults are taken for the same columns. */
interface Part {
  readonly indexes: readonly number[];
  readonly without: ReadonlySet<number>;
}

/**
 * Loads rows by arrays of values. The server tells of an array only that something in it is wrong: then nothing of it is taken, and whoever asked
 * tries it by halves.
 */
export async function loadDb2Rows(
  client: Db2Connection,
  rows: readonly DataRecord[],
  { plan, batchSize }: BoundSetting<Db2Types>,
): Promise<Attempt> {
  const refused: RefusedRow[] = [];
  for (const part of partsOf(rows, plan, batchSize)) {
    const found = await loadPart(client, plan, { ...part, rows });
    if (found === null) return { kind: "refused", suspects: [] };
    refused.push(...found);
  }
  return { kind: "taken", refused };
}

/** In order, so that of two rows with one key the later one wins where that matters. */
function* partsOf(rows: readonly DataRecord[], plan: Db2Plan, batchSize: number): Generator<Part> {
  let [indexes, last]: [number[], string] = [[], ""];
  const part = (): Part => ({ indexes, without: new Set(last === "" ? [] : last.split(",").map(Number)) });
  for (const [index, row] of rows.entries()) {
    const without = plan.columns
      .flatMap(({ defaultForNull }, at) => (defaultForNull && cellOf(plan, row, at) === null ? [at] : []))
      .join();
    if (indexes.length > 0 && (without !== last || indexes.length >= batchSize)) {
      yield part();
      indexes = [];
    }
    last = without;
    indexes.push(index);
  }
  if (indexes.length > 0) yield part();
}

function cellOf({ columns, emptyAsNull }: Db2Plan, row: DataRecord, at: number): Cell {
  const cell = row[at] ?? null;
  return cell !== null && cell.length === 0 && emptyAsNull && columns[at]?.refusesEmpty ? null : cell;
}

/** @returns null when an array fails at one of its rows */
async function loadPart(
  client: Db2Connection,
  plan: Db2Plan,
  { indexes, without, rows }: Part & { readonly rows: readonly DataRecord[] },
): Promise<RefusedRow[] | null> {
  const places = [...plan.columns.keys()].filter((at) => !without.has(at));
  const sql = db2RowSql(plan, without);
  const values = indexes.map((index) => places.map((at) => cellOf(plan, rows[index] ?? [], at)));
  const refused: RefusedRow[] = [];
  try {
    // Bytes are values of their own kind, of which arrays have none.
    if (values.length > 1 && isTexts(values)) await client.insertArray(sql, values);
    else
      for (const [at, row] of values.entries())
        refused.push(...(await loadOne(client, plan, { sql, row, index: indexes[at] ?? 0 })));
    return refused;
  } catch (error) {
    if (db2RefusalOf(error) === null) throw error;
    return null;
  }
}

function isTexts(rows: readonly (readonly Cell[])[]): rows is readonly (readonly (string | null)[])[] {
  return rows.every((row) => row.every((cell) => typeof cell === "string" || cell === null));
}

async function loadOne(
  client: Db2Connection,
  plan: Db2Plan,
  { sql, row, index }: { readonly sql: string; readonly row: readonly Cell[]; readonly index: number },
): Promise<RefusedRow[]> {
  try {
    await client.insertOne(sql, row);
    return [];
  } catch (error) {
    const why = db2RefusalOf(error);
    if (why === null) throw error;
    return plan.mode === "ignore" && why.reason === "DUPLICATE_KEY" ? [] : [{ index, why }];
  }
}
