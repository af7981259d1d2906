import { z } from "zod";
import { countParam, flag, idle, text, texts } from "../params/fields.js";
import { param } from "../params/note.js";

/** A schema of a project with three layers. */
export const schemaField = text({ help: "Schema, in a project that has some; without it the project's default." });

/** The table, in any case. */
export const tableField = param(
  z
    .string()
    .trim()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "expected the name of one table: letters, digits and _")
    .transform((name) => name.toLowerCase()),
  { help: "Name of the table.", required: true },
);

/** The columns; an empty list counts as all. */
export const columnField = param(
  texts({ help: "" })
    .transform((names) => (!names || names.length === 0 ? ["*"] : [...names]))
    .refine((names) => names.length === 1 || !names.includes("*"), {
      error: "* stands for all columns: name no others beside it",
    }),
  {
    help: "Columns by name, or * for all in the table's order, which is so without it.",
    type: "texts",
    required: false,
  },
);

/** Fields of both sides. */
export const commonFields = {
  schema: schemaField,
  table: tableField,
  tunnelQuota: text({ help: "Name of the tunnel's resource group to use." }),
  maxRetryTime: countParam({
    help: "How often a call is tried that the service answers with an error of its own.",
    max: 10,
  }),
  packageAuthorizedProject: text({ help: "Not supported.", hidden: true }).refine(
    (given) => given === null,
    "not supported: a package's table is read or written as the project that owns it; register a data source with that project and this account's key",
  ),
};

/** Keys of published jobs that change nothing, with the reason. */
export const idleFields = {
  guid: idle(),
  accountType: idle("accounts are those of Alibaba Cloud"),
  tableType: idle(),
};

/** A key of DataX for compression. */
export const isCompress = flag({
  help: "Compress what is sent (zlib). Saves network, costs processor time.",
  default: false,
});
