import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import {
  countingNumber,
  flag,
  optionalText,
  partsOrIssues,
  placeFields,
  placesOf,
  plainColumn,
  textList,
} from "../sql/step-fields.js";

/** What becomes of a row whose key is there already: it is refused, it takes the other's place, it changes it, it is left out. */
export type WriteMode = "insert" | "replace" | "update" | "ignore";

/** A target table; `datasource` null = the first one the step names. */
export interface TargetName {
  readonly datasource: string | null;
  readonly table: string;
}

/** The writer's parameter, parsed. */
export interface WriteParams {
  readonly targets: readonly TargetName[];
  /** Column names in the order of the records' cells; null = all columns of the table. */
  readonly columns: readonly string[] | null;
  readonly mode: WriteMode;
  /** Columns that `update` changes in a row that exists; null = all. */
  readonly updateColumns: readonly string[] | null;
  readonly preSql: readonly string[];
  readonly postSql: readonly string[];
  readonly session: readonly string[];
  /** Rows per INSERT statement, where LOAD DATA cannot be used. */
  readonly batchSize: number;
  /** Bytes per INSERT statement, where LOAD DATA cannot be used. */
  readonly batchBytes: number;
  /** An empty text for a numeric column means NULL. */
  readonly emptyAsNull: boolean;
  /** Columns whose default applies instead of NULL; null = none. */
  readonly defaultForNull: "all" | readonly string[] | null;
}

const modes: Readonly<Record<string, WriteMode>> = {
  insert: "insert",
  "insert into": "insert",
  replace: "replace",
  "replace into": "replace",
  update: "update",
  "on duplicate key update": "update",
  "insert ignore": "ignore",
  "insert ignore into": "ignore",
};

/** OceanBase's names for them. */
const obModes: Readonly<Record<string, WriteMode>> = { insert: "insert", update: "update", merge: "update" };

const routing = ["dbRule", "dbNamePattern", "tableRule", "tableNamePattern"] as const;

const fields = z.object({
  ...placeFields,
  column: textList.optional(),
  writeMode: optionalText,
  updateColumn: textList.optional(),
  obWriteMode: optionalText,
  obUpdateColumns: textList.optional(),
  preSql: textList.optional(),
  postSql: textList.optional(),
  session: textList.optional(),
  batchSize: countingNumber,
  batchByteSize: countingNumber,
  emptyAsNull: flag,
  nullMode: optionalText,
  skipNullColumn: textList.optional(),
  ...{ dbRule: optionalText, dbNamePattern: optionalText, tableRule: optionalText, tableNamePattern: optionalText },
});

type Given = z.infer<typeof fields>;

/** Schema of the writer's parameter. */
export const writeParams = fields.transform((given, context): WriteParams => {
  return partsOrIssues<WriteParams>(context, {
    targets: () => targetsOf(given),
    columns: () => columnsOf(given.column),
    mode: () => modeOf(given),
    updateColumns: () => updateColumnsOf(given, modeOf(given)),
    preSql: () => given.preSql ?? [],
    postSql: () => given.postSql ?? [],
    session: () => given.session ?? [],
    batchSize: () => given.batchSize ?? 1024,
    batchBytes: () => given.batchByteSize ?? 32 * 1024 * 1024,
    emptyAsNull: () => given.emptyAsNull ?? true,
    defaultForNull: () => defaultForNullOf(given, modeOf(given)),
  });
});

function targetsOf(given: Given): WriteParams["targets"] {
  for (const key of routing) {
    if (given[key] !== null) throw invalid("not supported: name the physical tables instead", key);
  }
  const targets = placesOf(given).flatMap(({ datasource, tables }) => tables.map((table) => ({ datasource, table })));
  if (targets.length === 0) throw invalid("required", "table");
  return targets;
}

/** All keys the writer's parameter may have. */
export const writeKeys = [
  ...["datasource", "table", "column", "connection", "writeMode", "updateColumn", "preSql", "postSql", "session"],
  ...[
    "batchSize",
    "batchByteSize",
    "emptyAsNull",
    "nullMode",
    "skipNullColumn",
    "encoding",
    "socketTimeout",
    "envType",
  ],
  ...["singleOrMulti", "obWriteMode", "onClauseColumns", "obUpdateColumns", ...routing],
] as const;

function modeOf({ writeMode, obWriteMode }: Given): WriteMode {
  const [key, written, known] =
    writeMode === null && obWriteMode !== null
      ? (["obWriteMode", obWriteMode, obModes] as const)
      : (["writeMode", writeMode ?? "insert", modes] as const);
  const mode = own<WriteMode>(known, written.toLowerCase().replace(/\s+/g, " "));
  if (mode) return mode;
  const allowed = known === modes ? "insert, replace, update, insert ignore" : Object.keys(obModes).join(", ");
  throw invalid(`"${written}" is none of ${allowed}`, key);
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

function updateColumnsOf(given: Given, mode: WriteMode): readonly string[] | null {
  const [key, entries] = given.updateColumn?.length
    ? (["updateColumn", given.updateColumn] as const)
    : (["obUpdateColumns", given.obUpdateColumns ?? []] as const);
  if (entries.length === 0) return null;
  if (mode !== "update") throw invalid("only with writeMode update", key);
  return entries.map((entry) => plainColumn(entry) ?? entry);
}

function defaultForNullOf(given: Given, mode: WriteMode): WriteParams["defaultForNull"] {
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
