import type { Json, JsonObject } from "../../../model/json.js";
import { isJsonObject } from "../../../model/json.js";
import { noCounters, type Progress } from "../../../model/progress.js";

/** Name of the table in the target database in which ledger writers record, together with the rows, how far a split is. */
export const ledgerTable = "sluice_ledger";

/** What the ledger says about a split. */
export interface LedgerEntry {
  readonly progress: Progress;
  /** The split was written to its end. Matters where a source cannot be resumed: its checkpoint is null even then. */
  readonly isComplete: boolean;
}

/** The text that goes into the ledger's `checkpoint` column. */
export function printLedgerEntry({ progress, isComplete }: LedgerEntry): string {
  return JSON.stringify({ ...progress, isComplete });
}

/** Reads {@link printLedgerEntry}'s text; null for a split that never committed anything. */
export function parseLedgerEntry(text: string | null): LedgerEntry | null {
  const value: Json = text === null ? null : JSON.parse(text);
  if (!isJsonObject(value)) return null;
  const counters = isJsonObject(value.counters) ? value.counters : {};
  const progress: Progress = {
    checkpoint: value.checkpoint ?? null,
    counters: {
      read: count(counters, "read"),
      written: count(counters, "written"),
      dirty: count(counters, "dirty"),
      bytes: count(counters, "bytes"),
    },
    ...(value.staged === undefined ? {} : { staged: value.staged }),
  };
  return { progress, isComplete: value.isComplete === true };
}

function count(counters: JsonObject, name: keyof typeof noCounters): number {
  const value = counters[name];
  return typeof value === "number" ? value : noCounters[name];
}
