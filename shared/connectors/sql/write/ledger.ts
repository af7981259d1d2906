import type { Json, JsonObject } from "../../../model/json.js";
import { isJsonObject } from "../../../model/json.js";
import { noCounters, type Progress } from "../../../model/progress.js";

/** Name of the table in the target database in which ledger writers record, together with the rows, how far a split is. */
export const ledgerTable = "sluice_ledger";

/** The ledger's statements as far as systems differ. `table` and the columns `run`, `split`, `attempt`, `checkpoint` come quoted. */
export interface LedgerSql {
  /** Makes the table unless it is there: `run` of 128 characters and `split` are the key, `attempt` is a number, `checkpoint` a long text. */
  create(names: LedgerNames): string;
  /** Inserts a row, or raises the attempt of one that is there to the greater of both. `values` are literals. */
  claim(names: LedgerNames, values: LedgerValues): string;
  /** What stands behind a SELECT of the row to hold it until the end of the transaction; empty = the statement before it does. */
  readonly hold: string;
}

/** Names of the ledger, quoted. */
export interface LedgerNames {
  readonly table: string;
  readonly run: string;
  readonly split: string;
  readonly attempt: string;
  readonly checkpoint: string;
}

/** A row of the ledger in literals. */
export type LedgerValues = Readonly<Record<"run" | "split" | "attempt", string>>;

/** The ledger of systems that know `ON CONFLICT`, by their names for a text of any length and a whole number. */
export function standardLedger({ text, integer }: { readonly text: string; readonly integer: string }): LedgerSql {
  return {
    create: ({ table, run, split, attempt, checkpoint }) =>
      `CREATE TABLE IF NOT EXISTS ${table} (${run} ${text} NOT NULL, ${split} ${integer} NOT NULL,
        ${attempt} ${integer} NOT NULL, ${checkpoint} ${text}, PRIMARY KEY (${run}, ${split}))`,
    claim: ({ table, run, split, attempt }, values) =>
      `INSERT INTO ${table} (${run}, ${split}, ${attempt}) VALUES (${values.run}, ${values.split}, ${values.attempt})
        ON CONFLICT (${run}, ${split}) DO UPDATE SET ${attempt} = CASE WHEN ${table}.${attempt} < excluded.${attempt}
          THEN excluded.${attempt} ELSE ${table}.${attempt} END`,
    hold: "",
  };
}

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
