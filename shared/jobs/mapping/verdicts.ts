import type { Column } from "../../model/batch.js";
import type { MappedPair, MappedSide } from "../../model/mapping.js";
import type { JudgedColumn } from "../../model/record-judge.js";
import { conversionWarning } from "../match-columns.js";
import { narrowing } from "./narrowing.js";

/** A column of the reader, with what its catalog says of it, as far as that is known. */
export interface SourceColumn {
  readonly column: Column;
  readonly declared: string | null;
  readonly nullable: boolean | null;
  readonly isKey: boolean | null;
}

/** Both sides, by position. */
export interface Sides {
  readonly sources: readonly SourceColumn[];
  /** Null = the writer takes any. */
  readonly targets: readonly Column[] | null;
  /** What the writer says of its columns; empty = nothing. */
  readonly judged: readonly JudgedColumn[];
}

/** Puts the columns side by side, and says of each pair what becomes of its values. */
export function mappedPairs({ sources, targets, judged }: Sides): readonly MappedPair[] {
  const width = Math.max(sources.length, targets?.length ?? 0);
  return Array.from({ length: width }, (_, at) => {
    const source = sources[at];
    const from = source ? sourceSide(source) : null;
    if (!targets) return { from, to: from && { ...from, type: "text" }, verdict: "ok", reasons: [] };
    const target = targets[at];
    const to = target ? targetSide(target, judged[at]) : null;
    if (!source || !from) return unpaired({ from, to }, "the reader has no column for it");
    if (!target || !to) return unpaired({ from, to }, "the writer has no column for it");
    const hopeless = judged[at]?.hopeless ?? null;
    if (hopeless !== null) return { from, to, verdict: "impossible", reasons: [hopeless] };
    const reasons = doubts(source, { target, from, to });
    return { from, to, verdict: reasons.length === 0 ? "ok" : "lossy", reasons };
  });
}

function unpaired(sides: Pick<MappedPair, "from" | "to">, reason: string): MappedPair {
  return { ...sides, verdict: "impossible", reasons: [`${reason}: columns are matched by position`] };
}

function sourceSide({ column, declared, nullable, isKey }: SourceColumn): MappedSide {
  return { name: column.name, type: declared ?? column.nativeType ?? column.type, nullable, isKey };
}

function targetSide({ name, nativeType, type }: Column, judged: JudgedColumn | undefined): MappedSide {
  return { name, type: nativeType ?? type, nullable: judged?.nullable ?? null, isKey: judged?.isKey ?? null };
}

interface Pair {
  readonly target: Column;
  readonly from: MappedSide;
  readonly to: MappedSide;
}

function doubts({ column }: SourceColumn, { target, from, to }: Pair): string[] {
  const found = [conversionWarning(column, target), narrowing(from.type, to.type)];
  if (from.nullable === true && to.nullable === false)
    found.push(`${from.name} may be null and ${to.name} takes no null: such records become dirty`);
  return found.filter((reason) => reason !== null);
}
