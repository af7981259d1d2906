import type { Cell } from "../../model/batch.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import type { RowView } from "../sql/write/row-view.js";
import type { TargetKey } from "../sql/write/target-plan.js";
import { refusalOfWarning, type ServerWarning } from "./refusal.js";
import type { MysqlPlan } from "./target-column.js";

/** The server's number for a duplicate key. */
export const duplicateEntry = 1062;

/**
 * LOAD DATA skips rows with a duplicate key and does not say which rows; but it says which value of which key. Rows are loaded in order
 * and the first with a value wins, so among the rows with that value the last ones were skipped.
 *
 * @param warnings  duplicate-key warnings only, all of them
 * @returns the skipped rows, or null when the messages do not single them out for certain
 */
export function skippedDuplicates(
  plan: MysqlPlan,
  rows: RowView,
  warnings: readonly ServerWarning[],
): { readonly index: number; readonly why: RowRefusal }[] | null {
  const found = new Map<number, RowRefusal>();
  for (const [keyName, group] of groupByKey(warnings)) {
    const key = plan.keys.find((one) => one.name === keyName);
    if (!key || key.positions.some((at) => isApproximate(plan, at))) return null;
    const wanted = new Map<string, ServerWarning[]>();
    for (const { value, warning } of group) wanted.set(value, [...(wanted.get(value) ?? []), warning]);
    const candidates = rowsByValue(rows, wanted, { key, plan });
    for (const [value, refused] of wanted) {
      const skipped = (candidates.get(value) ?? []).slice(-refused.length);
      const [warning] = refused;
      if (skipped.length < refused.length || !warning) return null;
      for (const index of skipped) {
        if (found.has(index)) return null;
        found.set(index, withColumn(refusalOfWarning(warning), key, plan));
      }
    }
  }
  return [...found].map(([index, why]) => ({ index, why })).sort((a, b) => a.index - b.index);
}

/** Several values of these look the same in a message: it shows six digits of a float, and `1` for `1.0`. */
function isApproximate(plan: MysqlPlan, at: number): boolean {
  return /^(float|double)$/.test(plan.columns[at]?.dataType ?? "");
}

function groupByKey(warnings: readonly ServerWarning[]): Map<string, { value: string; warning: ServerWarning }[]> {
  const groups = new Map<string, { value: string; warning: ServerWarning }[]>();
  for (const warning of warnings) {
    const match = /^Duplicate entry '([\s\S]*)' for key '(?:[^']*\.)?([^'.]+)'$/.exec(warning.message);
    const name = match?.[2] ?? "";
    groups.set(name, [...(groups.get(name) ?? []), { value: match?.[1] ?? "", warning }]);
  }
  return groups;
}

function rowsByValue(
  rows: RowView,
  wanted: ReadonlyMap<string, unknown>,
  { key, plan }: { readonly key: TargetKey; readonly plan: MysqlPlan },
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let index = 0; index < rows.count; index++) {
    const value = key.positions.map((at) => printed(plan, rows.cell(index, at), at)).join("-");
    if (!wanted.has(value)) continue;
    const list = found.get(value);
    if (list) list.push(index);
    else found.set(value, [index]);
  }
  return found;
}

/** A cell as the server prints it in a message. */
function printed(plan: MysqlPlan, cell: Cell, at: number): string {
  if (cell === null || Buffer.isBuffer(cell)) return "\0";
  const { dataType, form } = plan.columns[at] ?? {};
  if (form === "number" && /^[+-]?0*\d/.test(cell)) return cell.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1");
  return dataType === "char" ? cell.trimEnd() : cell;
}

function withColumn(why: RowRefusal, key: TargetKey, plan: MysqlPlan): RowRefusal {
  const [only, ...others] = key.positions;
  const name = only === undefined || others.length > 0 ? undefined : plan.columns[only]?.name;
  return name === undefined ? why : { ...why, column: name };
}
