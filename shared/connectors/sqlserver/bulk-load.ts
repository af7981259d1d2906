import type { PackedRows } from "../../model/batch.js";
import { InternalError } from "../../model/errors.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import type { RefusedRow } from "../sql/write/refused-rows.js";
import type { BulkPath, RowEncoder, SentRows } from "../sql/write/system.js";
import type { SqlserverConnection } from "./connection.js";
import { isDuplicateNotice, sqlserverRefusalOf, stillInTransaction } from "./refusal.js";
import {
  duplicatesSql,
  faultsSql,
  makeStageSql,
  type StagedFault,
  stagedFaults,
  stageTable,
  unstageSql,
  zoneSql,
} from "./stage.js";
import type { SqlserverPlan } from "./target-column.js";
import type { SqlserverTypes } from "./types.js";
import { moveSql } from "./write-sql.js";

/**
 * `INSERT BULK` into a stage of text, from which one statement moves the rows on: the target's triggers, constraints and keys are minded as
 * by INSERT, decimals and offsets arrive as they are, and rows that cannot be converted are found by set.
 */
export const sqlserverBulkPath: BulkPath<SqlserverTypes> = {
  name: "INSERT BULK",
  // Five round trips each.
  chunkTimes: 4,
  serves: () => true,
  async tryOut(client, plan) {
    await client.execute(`DROP TABLE IF EXISTS ${stageTable}`);
    await client.execute(makeStageSql(plan));
    await client.query(zoneSql(client.zone()) + faultsSql(plan));
  },
  encoder: () => gatherer(),
  async load(client, plan, sent) {
    const refused = await stage(client, plan, sent);
    try {
      const { noted } = await client.execute(zoneSql(client.zone()) + moveSql(plan, stageTable));
      if (plan.mode === "insert" && noted.some(isDuplicateNotice))
        return { kind: "refused", suspects: await duplicates(client, plan) };
      return { kind: "taken", refused };
    } catch (error) {
      const why = sqlserverRefusalOf(error);
      if (!why) throw error;
      await stillInTransaction(client, error);
      const isKey = plan.mode === "insert" && why.reason === "DUPLICATE_KEY";
      return { kind: "refused", suspects: isKey ? await duplicates(client, plan) : [] };
    }
  },
};

/** Loads the rows and takes off again those that the target cannot hold. */
async function stage(
  client: SqlserverConnection,
  plan: SqlserverPlan,
  sent: SentRows,
): Promise<RefusedRow<RowRefusal>[]> {
  await client.execute(makeStageSql(plan));
  const columns = plan.columns.map(({ takesBytes }, at) => ({ name: `c${at}`, takesBytes }));
  await client.bulk({ table: stageTable, columns, rows: rowsFor(plan, sent) });
  const { rows } = await client.query(zoneSql(client.zone()) + faultsSql(plan));
  const { count, faults } = stagedFaults(rows);
  if (count !== sent.count)
    throw new InternalError("INTERNAL", `${count} of ${sent.count} rows came through INSERT BULK`);
  if (faults.length > 0) await client.execute(unstageSql(faults.map(({ row }) => row)));
  return faults.map((fault) => ({ index: fault.row, why: refusal(plan, sent, fault) }));
}

function* rowsFor(plan: SqlserverPlan, sent: SentRows): Generator<(number | string | Buffer | null)[]> {
  const view = sent.rows();
  for (let row = 0; row < sent.count; row++) {
    const cells = plan.columns.map(({ takesBytes, refusesEmpty }, at) => {
      const cell = view.cell(row, at);
      if (cell === null || (plan.emptyAsNull && refusesEmpty && cell.length === 0)) return null;
      return takesBytes ? Buffer.from(cell) : cell.toString();
    });
    yield [row, ...cells];
  }
}

/** Values in words are not longer than this. */
const DISPLAYED = 60;

function refusal({ columns }: SqlserverPlan, sent: SentRows, { row, at, isNull }: StagedFault): RowRefusal {
  const column = columns[at];
  const { name = "", declared = "" } = column ?? {};
  if (isNull) return { reason: "NOT_NULL", message: `column ${name} takes no NULL`, column: name };
  const text = sent.rows().cell(row, at)?.toString() ?? "";
  const displayed = text.length > DISPLAYED ? `${text.slice(0, DISPLAYED)}…` : text;
  return { reason: "CONVERSION", message: `"${displayed}" cannot be converted to ${declared}`, column: name };
}

async function duplicates(client: SqlserverConnection, plan: SqlserverPlan): Promise<number[]> {
  if (plan.keys.length === 0) return [];
  const { rows } = await client.query(zoneSql(client.zone()) + duplicatesSql(plan));
  return rows.map(([row]) => Number(row)).sort((a, b) => a - b);
}

/** The driver encodes rows itself; here only their cells are counted, so that chunks are of the usual size. */
function gatherer(): RowEncoder {
  let data: Buffer[] = [];
  let joined: Buffer | null = null;
  const reset = () => {
    data = [];
    joined = null;
  };
  return {
    add(packed: PackedRows) {
      data.push(packed.data);
      joined = null;
      return [];
    },
    bytes() {
      joined ??= Buffer.concat(data);
      return joined;
    },
    reset,
    close: reset,
  };
}
