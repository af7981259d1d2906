import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { countParam, idle, text } from "../params/fields.js";
import { param } from "../params/note.js";
import { partsOrIssues } from "../params/parts-or-issues.js";
import { type SqlWriteParams, writeFields, writeParts } from "../sql/write/write-params.js";
import { sqlserverText } from "./sql-text.js";

/** The writer's parameter, parsed. */
export interface SqlserverWriteParams extends SqlWriteParams {
  /** Columns of the unique key by which rows are taken for the same; null = the first key whose columns are all written. */
  readonly keyColumns: readonly string[] | null;
}

/** What becomes of a row whose key is there, by the names it has anywhere, and the flow's name. */
const modes: Readonly<Record<string, string>> = {
  ...{ insert: "insert", replace: "replace", update: "update", upsert: "update", merge: "update" },
  ...{ ignore: "insert ignore", "insert ignore": "insert ignore" },
};
const choices = ["insert", "update", "upsert", "replace", "ignore"];

/** The server takes 1,000 rows of VALUES. */
const MOST_ROWS = 1_000;

/** One list of columns, or a list of such lists of which one is meant. */
const keyLists = z
  .preprocess(
    (value) => (Array.isArray(value) && !value.some(Array.isArray) && value.length > 0 ? [value] : value),
    z.array(z.array(z.string())).optional(),
  )
  .optional();

const fields = z.object({
  ...writeFields,
  writeMode: text({
    help: "What becomes of a row whose key is there: insert = dirty record, update or upsert = changes it, replace = takes its place, ignore = left out.",
    choices,
    default: "insert",
  }),
  conflictMode: text({
    help: "Only with upsert: replace = the row is changed, ignore = it is left out.",
    choices: ["replace", "ignore"],
  }),
  uniqueIndexColumns: param(keyLists, {
    help: "Columns of the unique key by which rows are the same; without it the primary key, or the first that is all written.",
    type: "options",
  }),
  batchSize: countParam({
    help: "Rows of one INSERT statement, where no bulk load is used; at most 1000.",
    default: 1000,
  }),
  encoding: idle("text is sent as Unicode"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  driverVersion: idle("there is one driver for all versions"),
  envType: idle(),
  singleOrMulti: idle(),
});

/** Schema of the writer's parameter. */
export const sqlserverWriteParams: z.ZodType<SqlserverWriteParams> = fields.transform((given, context) => {
  const written = (given.writeMode ?? "insert").toLowerCase().replace(/\s+/g, " ");
  const isLeft = written === "upsert" && given.conflictMode?.toLowerCase() === "ignore";
  const names = { column: given.column, updateColumn: given.updateColumn, skipNullColumn: given.skipNullColumn };
  const parts = writeParts({
    ...given,
    ...unbracketed(names),
    writeMode: isLeft ? "insert ignore" : (own(modes, written) ?? "insert"),
  });
  return partsOrIssues<SqlserverWriteParams>(context, {
    ...parts,
    mode() {
      if (own(modes, written) === undefined)
        throw invalid(`"${given.writeMode}" is none of ${choices.join(", ")}`, "writeMode");
      checkConflictMode(given.conflictMode, written);
      return parts.mode();
    },
    batchSize: () => Math.min(parts.batchSize(), MOST_ROWS),
    defaultForNull() {
      const found = parts.defaultForNull();
      if (found !== null && parts.mode() !== "insert")
        throw invalid("skipNull goes with writeMode insert only", "nullMode");
      return found;
    },
    keyColumns: () => keyColumnsOf(given.uniqueIndexColumns, parts.mode()),
  });
});

function checkConflictMode(conflictMode: string | null, written: string): void {
  if (conflictMode === null) return;
  if (written !== "upsert") throw invalid("only with writeMode upsert", "conflictMode");
  if (!/^(?:replace|ignore)$/i.test(conflictMode))
    throw invalid(`"${conflictMode}" is none of replace, ignore`, "conflictMode");
}

function keyColumnsOf(lists: readonly (readonly string[])[] | undefined, mode: string): readonly string[] | null {
  const [first, ...others] = lists ?? [];
  if (!first?.length) return null;
  if (others.length > 0) throw invalid("one key only: MERGE compares by one", "uniqueIndexColumns");
  if (mode === "insert") throw invalid("only with writeMode update, replace or ignore", "uniqueIndexColumns");
  return first.map((entry) => sqlserverText.nameIn(entry) ?? entry);
}

type Names = Readonly<Record<string, readonly string[] | undefined>>;

/** `[name]` as `"name"`, which is how names in quotes are known to all systems. */
function unbracketed<T extends Names>(lists: T): T {
  const quoted = (entry: string) => {
    const name = entry.trim().startsWith("[") ? sqlserverText.nameIn(entry) : null;
    return name === null ? entry : `"${name.replaceAll('"', '""')}"`;
  };
  // The same keys with the same kind of values.
  return Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, list?.map(quoted)])) as unknown as T;
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
