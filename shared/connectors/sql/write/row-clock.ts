import type { Batch, Column } from "../../../model/batch.js";
import { type ClockShifts, onOtherClocks } from "../../../model/clock.js";
import { isFixedZone, offsetText, sideZone } from "../../../model/side-zone.js";
import { zoneOf } from "../../../model/zones.js";
import type { TargetPlan } from "./target-plan.js";

/** Zones that decide what a date means on its way into a table. */
export interface RowClocks {
  /** The reader's zone. */
  readonly reader: string;
  /** The writer's zone. */
  readonly writer: string;
  /** An offset: the zone of the session that writes rows. */
  readonly session: string;
}

/**
 * The zones for writing into a table. A session in a zone with summer time has two moments for one text, so rows are written in the
 * offset that such a zone has now: what the server fills in itself (`DEFAULT CURRENT_TIMESTAMP`) shows the same clock there.
 */
export function rowClocks(
  plan: TargetPlan,
  { zone, reader }: { readonly zone: string | null; readonly reader: string | undefined },
): RowClocks {
  const writer = zone === null ? "+00:00" : (sideZone(zone) ?? zone);
  const clocks = { reader: reader ?? writer, writer };
  if (isFixedZone(writer) || !plan.columns.some(({ isMoment }) => isMoment)) return { ...clocks, session: writer };
  return { ...clocks, session: offsetText(zoneOf(writer)?.(Date.now()) ?? 0) };
}

/**
 * The batch with its dates on the clocks that the table wants: moments (TIMESTAMP) on the session's, all others on the reader's. A date
 * without a clock of its own shows that of the reader's zone; a text is what it says in the writer's.
 */
export function onTableClocks(batch: Batch, plan: TargetPlan, clocks: RowClocks): Batch {
  return onOtherClocks(batch, clockShifts(batch.columns, plan, clocks));
}

/** The columns of a reader that show another clock than the table wants. */
export function clockShifts(
  columns: readonly Column[],
  plan: TargetPlan,
  { reader, writer, session }: RowClocks,
): ClockShifts {
  return new Map(
    plan.columns.flatMap((target, at) => {
      const source = columns[at];
      const from = source?.clock ?? (source?.type === "date" ? reader : writer);
      const to = target.isMoment ? session : source?.clock === undefined ? from : reader;
      return from === to ? [] : [[at, { from, to }] as const];
    }),
  );
}
