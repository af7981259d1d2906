import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { flag, idle, text, texts } from "../params/fields.js";
import { param } from "../params/note.js";
import { partsOrIssues } from "../params/parts-or-issues.js";
import { plainColumn } from "../sql/step-fields.js";
import { type SqlWriteParams, writeFields, writeParts } from "../sql/write/write-params.js";
import { quotePostgresqlName } from "./sql-text.js";
import { postgresqlNameParts } from "./table-name.js";

/** The writer's parameter, parsed. */
export interface PostgresqlWriteParams extends SqlWriteParams {
  /** Columns of the unique key by which rows are taken for the same; null = the first key whose columns are all written. */
  readonly conflictColumns: readonly string[] | null;
  /** Sequences behind written columns go on after the largest value that the table holds. */
  readonly setsSequences: boolean;
}

/** What becomes of a row whose key is there, by the names it has anywhere, and the flow's name. */
const modes: Readonly<Record<string, string>> = {
  ...{ insert: "insert", copy: "insert", reject: "insert", report: "insert", replace: "replace", upsert: "update" },
  ...{ update: "update", ignore: "insert ignore", "insert ignore": "insert ignore", sdk: "insert" },
};
const conflictModes = ["reject", "replace", "update", "ignore"];

const fields = z.object({
  ...writeFields,
  writeMode: text({
    help: "What becomes of a row whose key is there: insert, or copy = dirty record, replace = takes its place, update = changes it, ignore = left out.",
    choices: ["insert", "copy", "replace", "update", "upsert", "ignore"],
    default: "insert",
  }),
  conflictMode: text({
    help: "The same by the names of AnalyticDB and Hologres; it decides where both are given.",
    choices: conflictModes,
  }),
  conflictColumn: texts({
    help: "Columns of the unique key by which rows are the same; without it the primary key, or the first that is all written.",
  }),
  setSequences: flag({
    help: "After the load, sequences behind written columns go on after the largest value.",
    default: false,
  }),
  truncate: flag({
    help: "Empties the target before anything is written, as a first statement of preSql.",
    default: false,
  }),
  pgType: param(z.unknown().optional(), {
    help: "Refused: arrays are delivered in PostgreSQL's own text, such as {1,2}.",
    ...{ type: "options", hidden: true },
  }),
  encoding: idle("the server converts text from UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  maxConnectionCount: idle("each split has one connection"),
  schema: text({ help: "Schema of tables whose names say none; without it the search path of the session decides." }),
  envType: idle(),
  singleOrMulti: idle(),
});

/** Schema of the writer's parameter. */
export const postgresqlWriteParams: z.ZodType<PostgresqlWriteParams> = fields.transform((given, context) => {
  const written = (given.conflictMode ?? given.writeMode ?? "insert").toLowerCase().replace(/\s+/g, " ");
  const parts = writeParts({ ...given, writeMode: own(modes, written) ?? "insert" });
  const path = given.conflictMode === null ? "writeMode" : "conflictMode";
  return partsOrIssues<PostgresqlWriteParams>(context, {
    ...parts,
    targets: () => parts.targets().map((target) => ({ ...target, table: placed(target.table, given.schema) })),
    mode() {
      if (own(modes, written) === undefined) throw invalid(`"${written}" is none of ${choicesOf(path)}`, path);
      return parts.mode();
    },
    preSql: () => [...(given.truncate ? ["TRUNCATE TABLE @table"] : []), ...parts.preSql()],
    conflictColumns: () => conflictColumnsOf(given.conflictColumn, parts.mode()),
    setsSequences() {
      if (given.pgType !== undefined && given.pgType !== null)
        throw invalid("not supported: deliver arrays in PostgreSQL's own text, such as {1,2}", "pgType");
      return given.setSequences;
    },
  });
});

function placed(table: string, schema: string | null): string {
  if (schema === null || postgresqlNameParts(table).length > 1) return table;
  return `${/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(schema) ? schema : quotePostgresqlName(schema)}.${table}`;
}

function choicesOf(path: string): string {
  return (path === "conflictMode" ? conflictModes : ["insert", "copy", "replace", "update", "upsert", "ignore"]).join(
    ", ",
  );
}

function conflictColumnsOf(entries: readonly string[] | undefined, mode: string): readonly string[] | null {
  if (!entries?.length) return null;
  if (mode === "insert") throw invalid("only with writeMode replace, update or ignore", "conflictColumn");
  return entries.map((entry) => plainColumn(entry) ?? entry);
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
