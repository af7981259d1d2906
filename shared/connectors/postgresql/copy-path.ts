import type { PackedRows } from "../../model/batch.js";
import type { Attempt } from "../sql/write/refused-rows.js";
import type { BulkPath } from "../sql/write/system.js";
import type { PostgresqlConnection } from "./connection.js";
import { copyAround } from "./copy-around.js";
import { type CopyForm, copyEncoder } from "./copy-encoder.js";
import { copyForm } from "./copy-packer.js";
import { holdsAll } from "./holds-all.js";
import { copySql, isStaged, mergeSql, stageSql } from "./insert-sql.js";
import { copiedRow, postgresqlRefusalOf } from "./refusal.js";
import type { PostgresqlPlan, PostgresqlTarget } from "./target-column.js";
import type { PostgresqlTypes } from "./types.js";

/**
 * `COPY … FROM STDIN`: into the table itself, or into a stage from which an INSERT minds the keys. It takes all rows or none, and names
 * the row at fault.
 */
export const copyPath: BulkPath<PostgresqlTypes> = {
  name: "COPY",
  // A commit, a savepoint and the ledger's row each: with 4 MiB at a time a load took three quarters of the time.
  chunkTimes: 4,
  serves: () => true,
  async tryOut(client, plan) {
    if (isStaged(plan)) await client.execute(`DROP TABLE IF EXISTS pg_temp.sluice_stage; ${stageSql(plan)}`);
    await client.copyIn(copySql(plan), Buffer.alloc(0));
  },
  takesNative: (plan, columns, form) =>
    form === copyForm && plan.columns.every((target, at) => holdsAll(target, columns[at])),
  encoder: (plan, { setAside }) => {
    const encoder = copyEncoder(plan.columns.map((column) => formOf(column, plan)));
    const strict = setAside ? plan.columns.flatMap(({ refusesNull }, at) => (refusesNull ? [at] : [])) : [];
    return {
      add(packed) {
        const width = plan.columns.length;
        const left = rowsWithNull(packed, width, strict);
        encoder.add(left.length === 0 ? packed : without(packed, width, left));
        return left;
      },
      addNative: encoder.addNative,
      bytes: encoder.bytes,
      reset: encoder.reset,
      close: encoder.close,
    };
  },
  load: (client, plan, { bytes }) =>
    isStaged(plan) ? copyByStage(client, plan, bytes) : copyAround(client, copySql(plan), bytes),
};

/** All rows or none: what the target says when they move on names no row. */
async function copyByStage(client: PostgresqlConnection, plan: PostgresqlPlan, bytes: Buffer): Promise<Attempt> {
  try {
    await client.execute(stageSql(plan));
    await client.copyIn(copySql(plan), bytes);
    await client.execute(mergeSql(plan));
    return { kind: "taken" };
  } catch (error) {
    if (!postgresqlRefusalOf(error)) throw error;
    const row = copiedRow(error);
    return { kind: "refused", suspects: row === null ? [] : [row] };
  }
}

function formOf({ takesBytes, refusesEmpty }: PostgresqlTarget, { emptyAsNull }: PostgresqlPlan): CopyForm {
  if (takesBytes) return "bytes";
  return refusesEmpty && emptyAsNull ? "number" : "text";
}

/** Rows with a null where the table has none: they would make the server take back all their neighbours. */
function rowsWithNull({ lengths }: PackedRows, width: number, strict: readonly number[]): number[] {
  const found = new Set<number>();
  // Column by column: a closure for each row took as long as encoding it.
  for (const at of strict) {
    for (let i = at; i < lengths.length; i += width) if ((lengths[i] ?? 0) < 0) found.add((i - at) / width);
  }
  return [...found].sort((a, b) => a - b);
}

function without({ data, lengths }: PackedRows, width: number, rows: readonly number[]): PackedRows {
  const left = new Set(rows);
  const pieces: Buffer[] = [];
  const kept: number[] = [];
  let at = 0;
  for (let row = 0; row * width < lengths.length; row++) {
    const own = lengths.subarray(row * width, (row + 1) * width);
    const bytes = own.reduce((sum, length) => sum + Math.max(0, length), 0);
    if (!left.has(row)) {
      pieces.push(data.subarray(at, at + bytes));
      kept.push(...own);
    }
    at += bytes;
  }
  return { data: Buffer.concat(pieces), lengths: Int32Array.from(kept) };
}
