import type { Column } from "../model/batch.js";
import type { Warning } from "../model/job.js";
import { type Placed, placedWarning } from "./placed-error.js";
import type { StepZones } from "./step-zones.js";

/** Columns that go together. */
interface Pair {
  readonly from: Column;
  readonly to: Column;
}

/** How values without an offset become moments, by the type that they come in. */
const readings: readonly {
  readonly type: Column["type"];
  readonly tell: (pairs: string, zones: StepZones) => string;
}[] = [
  {
    type: "date",
    tell: (pairs, { reader, writer }) =>
      `dates without an offset become moments by the clock of the reader, ${reader.zone} (${pairs}); the writer is in ${writer.zone}`,
  },
  {
    type: "string",
    tell: (pairs, { reader, writer }) =>
      `texts become moments by the clock of the writer, ${writer.zone} (${pairs}); the reader is in ${reader.zone}`,
  },
];

/**
 * What the user should know where the sides are in two zones, and values that name no zone go into columns that hold moments: the rule is
 * clear, and what whoever wrote the values meant is not.
 */
export function zoneWarnings(
  columns: readonly Column[],
  targets: readonly Column[] | null,
  { zones, placed }: { readonly zones: StepZones; readonly placed: Placed },
): readonly Warning[] {
  if (zones.reader.zone === zones.writer.zone) return [];
  const pairs = columns.flatMap((from, at): Pair[] => {
    const to = targets?.[at];
    return to?.isMoment && !from.isMoment && from.clock === undefined ? [{ from, to }] : [];
  });
  return readings.flatMap(({ type, tell }) => {
    const own = pairs.filter(({ from, to }) => from.type === type && (type === "date" || to.type === "date"));
    if (own.length === 0) return [];
    const names = own.map(({ from, to }) => `${from.name} into ${to.name}`).join(", ");
    const way = "if another zone is meant, name it in setting.common.column.timeZone or as timeZone of the data source";
    const message = `${tell(names, zones)}; ${way}`;
    return [placedWarning({ path: "column", message }, "writer", placed)];
  });
}
