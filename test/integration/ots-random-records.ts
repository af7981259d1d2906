import type { Cell } from "../../shared/model/batch.js";
import type { Random } from "../e2e/fuzz-values.js";
import {
  attributeTypes,
  cellOf,
  identityOf,
  type KeyPlan,
  type ModelRow,
  makeRows,
  recordOf,
  unnamedColumn,
} from "./ots-random-table.js";

/** What is there before records are written. */
export interface Present {
  readonly plans: readonly KeyPlan[];
  readonly rows: readonly ModelRow[];
}

/** Records to write, and what is to become of them. */
export interface Draft {
  readonly records: Cell[][];
  /** Reason and column of each record that is to become dirty, in order. */
  readonly dirty: (readonly [string, string | undefined])[];
  /** What the table is to hold in the end. */
  readonly content: ModelRow[];
}

/**
 * Draws records for a table that has rows already; keys repeat, so that their order matters.
 *
 * @param how  `spoilt` is the share of the records that cannot be written
 */
export function makeDraft(
  random: Random,
  { plans, rows }: Present,
  { mode, spoilt }: { mode: "PutRow" | "UpdateRow"; spoilt: number },
): Draft {
  const model = new Map(rows.map((row) => [identityOf(row.key), row]));
  const fresh = makeRows(random, plans, random.pick([1, 30, 220]));
  const known = [...rows, ...fresh];
  const draft: Draft = { records: [], dirty: [], content: [] };
  for (const row of fresh) {
    const key = random.chance(0.3) ? random.pick(known).key : row.key;
    // Text in place of mixed values: a writer's column has one type. An update of nothing would make no row.
    const attributes = new Map([...row.attributes, ["flag", true] as const]);
    const mixed = cellOf(attributes.get("mixed"));
    if (mixed !== null) attributes.set("mixed", mixed);
    const record = recordOf({ key, attributes });
    draft.records.push(record);
    if (random.chance(spoilt)) {
      draft.dirty.push(spoil(random, record, plans));
      continue;
    }
    const unnamed = mode === "UpdateRow" ? model.get(identityOf(key))?.attributes.get(unnamedColumn) : undefined;
    attributes.delete(unnamedColumn);
    if (unnamed !== undefined) attributes.set(unnamedColumn, unnamed);
    model.set(identityOf(key), { key, attributes });
  }
  draft.content.push(...model.values());
  return draft;
}

const MAX_VALUE = 2 * 1024 * 1024;

/** A row with the column that no job names. */
export function wholeRow(row: ModelRow): Cell[] {
  return [...recordOf(row), cellOf(row.attributes.get(unnamedColumn))];
}

/** Changes a record so that it must become dirty; answers why and where. */
function spoil(random: Random, record: Cell[], plans: readonly KeyPlan[]): readonly [string, string | undefined] {
  const at = random.below(plans.length);
  const plan = plans[at];
  const place = (name: string) => plans.length + Object.keys(attributeTypes).indexOf(name);
  switch (random.below(6)) {
    case 0:
      record[at] = null;
      return ["NOT_NULL", plan?.name];
    case 1:
      record[at] =
        plan?.type === "STRING" ? "ü".repeat(513) : plan?.type === "BINARY" ? Buffer.alloc(1_025) : "1".repeat(20);
      return [plan?.type === "INTEGER" ? "OVERFLOW" : "TOO_LARGE", plan?.name];
    case 2:
      record[place("whole")] = "no number";
      return ["CONVERSION", "whole"];
    case 3:
      record[place("text")] = "x".repeat(MAX_VALUE + 1);
      return ["TOO_LARGE", "text"];
    case 4:
      record[place("raw")] = Buffer.alloc(MAX_VALUE + 1);
      return ["TOO_LARGE", "raw"];
    default:
      record[place("text")] = "x".repeat(MAX_VALUE);
      record[place("raw")] = Buffer.alloc(MAX_VALUE);
      return ["TOO_LARGE", undefined];
  }
}
