import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { idle, text, texts } from "../params/fields.js";
import { partsOrIssues } from "../params/parts-or-issues.js";
import { type SqlWriteParams, writeFields, writeParts } from "../sql/write/write-params.js";

/** OceanBase's names of write modes, and ours. */
const obModes: Readonly<Record<string, string>> = { insert: "insert", update: "update", merge: "update" };

const routing = ["dbRule", "dbNamePattern", "tableRule", "tableNamePattern"] as const;

const notRouted = { help: "Refused: physical tables are to be named.", hidden: true };

const fields = z.object({
  ...writeFields,
  obWriteMode: text({ help: "OceanBase's name of writeMode.", choices: Object.keys(obModes), hidden: true }),
  obUpdateColumns: texts({ help: "OceanBase's name of updateColumn.", hidden: true, isSql: true }),
  dbRule: text(notRouted),
  dbNamePattern: text(notRouted),
  tableRule: text(notRouted),
  tableNamePattern: text(notRouted),
  onClauseColumns: idle("the keys of the table decide"),
  encoding: idle("the server converts text from UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  envType: idle(),
  singleOrMulti: idle(),
});

/** Schema of the writer's parameter. */
export const mysqlWriteParams: z.ZodType<SqlWriteParams> = fields.transform((given, context): SqlWriteParams => {
  const { obWriteMode, obUpdateColumns } = given;
  const usual = writeParts(given);
  const isOb = given.writeMode === null && obWriteMode !== null;
  const named = isOb ? writeParts({ ...given, writeMode: obModeOf(obWriteMode) }) : usual;
  const isObColumns = !given.updateColumn?.length && (obUpdateColumns?.length ?? 0) > 0;
  return partsOrIssues<SqlWriteParams>(context, {
    ...named,
    targets: () => {
      for (const key of routing)
        if (given[key] !== null) throw invalid("not supported: name the physical tables instead", key);
      return usual.targets();
    },
    mode: () => {
      if (isOb && own(obModes, obWriteMode.toLowerCase()) === undefined)
        throw invalid(`"${obWriteMode}" is none of ${Object.keys(obModes).join(", ")}`, "obWriteMode");
      return named.mode();
    },
    updateColumns: () => {
      if (!isObColumns) return named.updateColumns();
      if (named.mode() !== "update") throw invalid("only with writeMode update", "obUpdateColumns");
      const writeMode = "update";
      return writeParts({ ...given, writeMode, updateColumn: obUpdateColumns }).updateColumns();
    },
  });
});

/** An unknown one counts as insert here, and is refused by its own name. */
function obModeOf(written: string): string {
  return own(obModes, written.toLowerCase()) ?? "insert";
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
