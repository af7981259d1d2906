import { type Batch, type Column, type DirtyRecord, type PackedRows, packedBatch } from "../../../model/batch.js";
import { packRows } from "../pack-rows.js";
import { dirtyRecord } from "./refused-record.js";
import { viewOfPacked } from "./row-view.js";
import type { CellRule, RuleSetting } from "./rules/cell-rule.js";
import type { SqlTargetColumn, TargetPlan } from "./target-plan.js";

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export type RuleOfPair<C extends SqlTargetColumn> = (
  source: Column,
  target: C,
  setting: RuleSetting,
) => CellRule | null;

/** The clock of UTC. */
const UTC = "+00:00";

/** Makes a batch one that the table can take without a cast: cells are converted, records that cannot be are dirty. */
export type BatchFitter = (batch: Batch) => Batch;

/**
 * Makes the fitter of a table. Which pairs of columns need a look is decided once for the columns of a split; batches without an odd cell
 * stay as they are.
 */
export function batchFitter<C extends SqlTargetColumn>(
  ruleOfPair: RuleOfPair<C>,
  plan: TargetPlan<C>,
  timeZone: string | null,
): BatchFitter {
  const setting: RuleSetting = { emptyAsNull: plan.emptyAsNull, options: timeZone === null ? {} : { timeZone } };
  let fit: Fit | null = null;
  return (batch) => {
    if (fit?.of !== batch.columns) fit = fitOf({ ruleOfPair, plan, setting }, batch.columns);
    if (batch.count === 0 || !fit.isNeeded) return batch;
    const packed = batch.packed ?? packRows(batch.rows, fit.pairs.length);
    const odd = oddCells(packed, fit);
    if (odd.length > 0) return refitted(batch, { plan, packed, fit, odd });
    return batch.packed ? batch : { ...batch, packed };
  };
}

/** What the user should know before the first record: pairs of which every value will be dirty. */
export function hopelessPairs<C extends SqlTargetColumn>(
  ruleOfPair: RuleOfPair<C>,
  sources: readonly Column[],
  targets: readonly C[],
): string[] {
  return targets.flatMap((target, at) => whyHopeless(ruleOfPair, sources[at], target) ?? []);
}

/** Why no value of a reader's column can be one of a table's; null = some can. */
export function whyHopeless<C extends SqlTargetColumn>(
  ruleOfPair: RuleOfPair<C>,
  source: Column | undefined,
  target: C,
): string | null {
  if (!source || !ruleOfPair(source, target, { emptyAsNull: true, options: {} })?.isHopeless) return null;
  const [from, to] = [source.nativeType ?? source.type, target.dataType];
  return `column "${target.name}": ${from} cannot become ${to}, so every record with a value there is dirty`;
}

/** How the columns of a split fit those of the table. */
interface Fit {
  readonly of: readonly Column[];
  readonly pairs: readonly CellRule[];
  readonly fineBytes: Float64Array;
  /** The columns as they are after that. */
  readonly columns: readonly Column[];
  readonly isNeeded: boolean;
}

/** A pair whose cells may all go as they are. */
const anyCell: CellRule = {
  fineBytes: Number.POSITIVE_INFINITY,
  isFine: () => true,
  convert: (cell) => ({ ok: true, cell }),
};

/** Milliseconds since 1970 are moments, also those of an hour that comes twice on the clocks of the side's zone. */
function countedInUtc(setting: RuleSetting): RuleSetting {
  return { ...setting, options: { ...setting.options, timeZone: UTC } };
}

function fitOf<C extends SqlTargetColumn>(
  { ruleOfPair, plan, setting }: { ruleOfPair: RuleOfPair<C>; plan: TargetPlan<C>; setting: RuleSetting },
  sources: readonly Column[],
): Fit {
  const pairs: CellRule[] = [];
  const columns = plan.columns.map((target, at): Column => {
    const source = sources[at] ?? { name: target.name, type: "string" };
    const isCount = source.type === "long" && target.isMoment;
    const rule = ruleOfPair(source, target, isCount ? countedInUtc(setting) : setting);
    pairs.push(rule ?? anyCell);
    if (isCount) return { ...source, clock: UTC };
    // Converted cells are text, for all columns but those of bytes.
    return rule && source.type === "bytes" && !target.takesBytes ? { ...source, type: "string" } : source;
  });
  const fineBytes = Float64Array.from(pairs, (rule) => rule.fineBytes);
  return { of: sources, pairs, fineBytes, columns, isNeeded: pairs.some((rule) => rule !== anyCell) };
}

/** Positions of the cells that are not fine, in `lengths`. The hot loop: a pass over all lengths of a batch. */
function oddCells({ data, lengths }: PackedRows, { pairs, fineBytes }: Fit): number[] {
  const width = pairs.length;
  const odd: number[] = [];
  for (let i = 0, at = 0; i < lengths.length; ) {
    for (let c = 0; c < width; c++, i++) {
      const length = lengths[i] ?? -1;
      if (length < 0) continue;
      if (length > (fineBytes[c] ?? 0) && !pairs[c]?.isFine(data, at, at + length)) odd.push(i);
      at += length;
    }
  }
  return odd;
}

/** What became of the odd cells. */
interface Conversion {
  /** In the order of the odd cells; null in a record that is dirty. */
  readonly cells: readonly (Buffer | null)[];
  readonly dirty: ReadonlyMap<number, DirtyRecord>;
}

function refitted(batch: Batch, { plan, packed, fit, odd }: OddBatch): Batch {
  const { cells, dirty } = convertOdd(batch, { plan, packed, fit, odd });
  const { columns } = fit;
  const rebuilt = rebuild(packed, { width: columns.length, odd, cells, refused: dirty });
  const { checkpoint } = batch;
  const fitted = packedBatch(rebuilt, { columns, checkpoint, dirty: [...batch.dirty, ...dirty.values()] });
  // What was read is what throttle and report count.
  return Object.assign(fitted, { bytes: batch.bytes });
}

interface OddBatch {
  readonly plan: TargetPlan;
  readonly packed: PackedRows;
  readonly fit: Fit;
  readonly odd: readonly number[];
}

function convertOdd(batch: Batch, { plan, packed, fit, odd }: OddBatch): Conversion {
  const { pairs } = fit;
  const view = viewOfPacked(packed, batch.columns);
  const dirty = new Map<number, DirtyRecord>();
  const cells = odd.map((index) => {
    const [row, at] = [Math.floor(index / pairs.length), index % pairs.length];
    const cell = view.cell(row, at);
    const found = cell === null ? null : pairs[at]?.convert(cell);
    if (!found || dirty.has(row)) return null;
    if (found.ok) return typeof found.cell === "string" ? Buffer.from(found.cell) : found.cell;
    const { reason, message } = found;
    dirty.set(row, dirtyRecord(plan, view.row(row), { reason, message, column: plan.columns[at]?.name ?? "" }));
    return null;
  });
  return { cells, dirty };
}

interface Rebuilding {
  readonly width: number;
  readonly odd: readonly number[];
  readonly cells: readonly (Buffer | null)[];
  /** Records that are left out. */
  readonly refused: { has(row: number): boolean };
}

/** The same cells with others in place of the odd ones; what lies between them is copied as a whole. */
function rebuild({ data, lengths }: PackedRows, { width, odd, cells, refused }: Rebuilding): PackedRows {
  const pieces: Buffer[] = [];
  const kept = new Int32Array(lengths.length);
  let [at, copied, count, next] = [0, 0, 0, 0];
  for (let i = 0, row = 0; i < lengths.length; row++) {
    const isRefused = refused.has(row);
    if (isRefused) pieces.push(data.subarray(copied, at));
    for (const end = i + width; i < end; i++) {
      const length = lengths[i] ?? -1;
      const isOdd = odd[next] === i;
      const cell = isOdd ? cells[next++] : null;
      if (cell && !isRefused) pieces.push(data.subarray(copied, at), cell);
      if (length > 0) at += length;
      if (isOdd || isRefused) copied = at;
      if (!isRefused) kept[count++] = cell ? cell.length : length;
    }
  }
  pieces.push(data.subarray(copied));
  return { data: Buffer.concat(pieces), lengths: kept.subarray(0, count) };
}
