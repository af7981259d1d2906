import { z } from "zod";
import { UserError } from "../../../model/errors.js";
import { own } from "../../../model/own.js";
import { countParam, flag, type Ignored, text, texts, withIgnored } from "../../params/fields.js";
import { partsOrIssues } from "../../params/parts-or-issues.js";
import { placeFields, plainColumn, sourceTablesOf } from "../step-fields.js";

/** What becomes of a row whose key is there already: it is refused, it takes the other's place, it changes it, it is left out. */
export type SqlWriteMode = "insert" | "replace" | "update" | "ignore";

/** A target table; `datasource` null = the first one the step names. */
export interface TargetName {
  readonly datasource: string | null;
  readonly table: string;
}

/** The writer's parameter, parsed. */
export interface SqlWriteParams {
  readonly targets: readonly TargetName[];
  /** Column names in the order of the records' cells; null = all columns of the table. */
  readonly columns: readonly string[] | null;
  readonly mode: SqlWriteMode;
  /** Columns that `update` changes in a row that exists; null = all. */
  readonly updateColumns: readonly string[] | null;
  readonly preSql: readonly string[];
  readonly postSql: readonly string[];
  readonly session: readonly string[];
  /** Rows per INSERT statement, where no bulk path is used. */
  readonly batchSize: number;
  /** Bytes per INSERT statement, where no bulk path is used. */
  readonly batchBytes: number;
  /** An empty text for a numeric column means NULL. */
  readonly emptyAsNull: boolean;
  /** Columns whose default applies instead of NULL; null = none. */
  readonly defaultForNull: "all" | readonly string[] | null;
}

const modes: Readonly<Record<string, SqlWriteMode>> = {
  insert: "insert",
  "insert into": "insert",
  replace: "replace",
  "replace into": "replace",
  update: "update",
  "on duplicate key update": "update",
  "insert ignore": "ignore",
  "insert ignore into": "ignore",
};

/** The keys that every SQL system's writer has. */
export const writeFields = {
  ...placeFields,
  column: texts({
    isSql: true,
    help: "Names of the target's columns, in the order of the reader's; [\"*\"] = all.",
    required: true,
  }),
  writeMode: text({
    help: "What becomes of a row whose key is there: insert = dirty record, replace = takes its place, update = changes it, insert ignore = left out.",
    choices: ["insert", "replace", "update", "insert ignore"],
    default: "insert",
  }),
  updateColumn: texts({ help: "Columns that update changes in a row that is there; without it all.", isSql: true }),
  preSql: texts({ help: "SQL run once before anything is written.", isSql: true }),
  postSql: texts({ help: "SQL run once after everything is written.", isSql: true }),
  session: texts({ help: "SQL run on each new connection.", isSql: true }),
  batchSize: countParam({ help: "Rows of one INSERT statement, where no bulk path is used.", default: 1024 }),
  batchByteSize: countParam({
    help: "Bytes of one INSERT statement, where no bulk path is used.",
    default: 32 * 1024 * 1024,
  }),
  emptyAsNull: flag({ help: "An empty text becomes null in columns of numbers.", default: true }),
  nullMode: text({
    help: "skipNull: the column's default is taken in place of null; not with update.",
    choices: ["writeNull", "skipNull"],
    default: "writeNull",
  }),
  skipNullColumn: texts({ help: "The columns that skipNull is for; without it all." }),
};

const fields = z.object(writeFields);

/** Those keys, parsed. */
export type GivenWrite = z.infer<typeof fields>;

/** Schema of the parameter of a writer that has no other keys but some that are ignored. */
export function writeParams(ignored: Ignored = {}): z.ZodType<SqlWriteParams> {
  return withIgnored(fields, ignored).transform(
    (given, context): SqlWriteParams => partsOrIssues<SqlWriteParams>(context, writeParts(given)),
  );
}

/** How each part of the parameter is made; for the `partsOrIssues` of a writer with keys of its own. */
export function writeParts(given: GivenWrite): { readonly [Key in keyof SqlWriteParams]: () => SqlWriteParams[Key] } {
  return {
    targets: () => targetsOf(given),
    columns: () => columnsOf(given.column),
    mode: () => modeOf(given.writeMode),
    updateColumns: () => updateColumnsOf(given.updateColumn, modeOf(given.writeMode)),
    preSql: () => given.preSql ?? [],
    postSql: () => given.postSql ?? [],
    session: () => given.session ?? [],
    batchSize: () => given.batchSize,
    batchBytes: () => given.batchByteSize,
    emptyAsNull: () => given.emptyAsNull,
    defaultForNull: () => defaultForNullOf(given, modeOf(given.writeMode)),
  };
}

function targetsOf(given: GivenWrite): SqlWriteParams["targets"] {
  const targets = sourceTablesOf(given).flatMap(({ datasource, tables }) =>
    tables.map((table) => ({ datasource, table })),
  );
  if (targets.length === 0) throw invalid("required", "table");
  return targets;
}

function modeOf(written: string | null): SqlWriteMode {
  const mode = own<SqlWriteMode>(modes, (written ?? "insert").toLowerCase().replace(/\s+/g, " "));
  if (mode) return mode;
  throw invalid(`"${written}" is none of insert, replace, update, insert ignore`, "writeMode");
}

function columnsOf(entries: readonly string[] | undefined): readonly string[] | null {
  if (!entries || entries.length === 0) throw invalid('required: a list of columns, or ["*"]', "column");
  if (entries.length === 1 && entries[0] === "*") return null;
  return entries.map((entry, index) => {
    if (entry === "*") throw invalid("* cannot be mixed with other columns", "column");
    const name = plainColumn(entry) ?? entry;
    if (entries.findIndex((other) => (plainColumn(other) ?? other).toLowerCase() === name.toLowerCase()) < index) {
      throw invalid(`column "${name}" is named twice`, `column[${index}]`);
    }
    return name;
  });
}

function updateColumnsOf(entries: GivenWrite["updateColumn"], mode: SqlWriteMode): readonly string[] | null {
  if (!entries?.length) return null;
  if (mode !== "update") throw invalid("only with writeMode update", "updateColumn");
  return entries.map((entry) => plainColumn(entry) ?? entry);
}

function defaultForNullOf(given: GivenWrite, mode: SqlWriteMode): SqlWriteParams["defaultForNull"] {
  const nullMode = (given.nullMode ?? "writeNull").toLowerCase();
  if (nullMode !== "writenull" && nullMode !== "skipnull") {
    throw invalid(`"${given.nullMode}" is none of writeNull, skipNull`, "nullMode");
  }
  if (nullMode === "writenull") return null;
  if (mode === "update") throw invalid("skipNull does not go with writeMode update", "nullMode");
  return given.skipNullColumn?.length ? given.skipNullColumn.map((entry) => plainColumn(entry) ?? entry) : "all";
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
