import type { DataRecord, DirtyRecord } from "../../../model/batch.js";
import type { RowRefusal } from "./refusal.js";
import type { TargetPlan } from "./target-plan.js";

/** A record that a table does not take; its key is that of the table's first unique key, which the source's key usually is. */
export function dirtyRecord(plan: TargetPlan, cells: DataRecord, why: RowRefusal): DirtyRecord {
  const positions = plan.keys[0]?.positions ?? [];
  const key = positions.map((at) => cells[at]?.toString() ?? "NULL").join(", ");
  return { side: "writer", ...why, ...(positions.length > 0 ? { key } : {}), cells };
}
