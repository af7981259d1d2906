import type { Step } from "../../model/job.js";
import { isJsonObject, type JsonObject } from "../../model/json.js";
import { isBlank } from "../read/coerce.js";
import { type Reading, warn } from "../read/reading.js";
import type { SideName } from "../read/step.js";
import { joinPath } from "../text/field-path.js";
import { foldKey } from "../text/script-tree.js";

/** What a DataX plug-in does otherwise than the connector of its type does in a DataWorks job. */
interface DataxWays {
  /** Taken where the job leaves a key out. */
  readonly defaults?: JsonObject;
  /** What is not done as DataX does it: the key that it hangs on and the warning, null where the job is not concerned. */
  readonly differences: readonly ((
    parameter: JsonObject,
  ) => { readonly key: string; readonly message: string } | null)[];
}

/**
 * By side and step type. Sources: DataX's code, `UnstructuredStorageReaderUtil` (javacsv trims cells, and reads `text`
 * like `csv`) and `UnstructuredStorageWriterUtil` (`text`, nulls as the word `null`).
 */
const ways: Readonly<Record<SideName, Readonly<Record<string, DataxWays>>>> = {
  reader: { oss: { defaults: { csvReaderConfig: {} }, differences: [quotesInText] } },
  writer: {
    oss: {
      defaults: { fileFormat: "text", nullFormat: "null", maxFileSize: 100_000 },
      differences: [unclearCells, noWriteMode],
    },
  },
};

/** Fills in what DataX would take where a step leaves it out, and warns where this differs from DataX. */
export function withDataxDefaults(reading: Reading, side: SideName, step: Step): Step {
  const way = Object.hasOwn(ways[side], step.type) ? ways[side][step.type] : undefined;
  if (!way) return step;
  const { path } = step;
  const missing = Object.entries(way.defaults ?? {}).filter(([key]) => isAbsent(step.parameter, key));
  const names = missing.map(([key]) => foldKey(key));
  const given = Object.entries(step.parameter).filter(([key]) => !names.includes(foldKey(key)));
  const parameter = Object.fromEntries([...given, ...missing]);
  for (const differs of way.differences) {
    const found = differs(parameter);
    if (!found) continue;
    const key = keyOf(step.parameter, found.key);
    warn(reading, key === undefined ? path : joinPath(path, key), {
      message: found.message,
      part: key === undefined ? "value" : "key",
    });
  }
  return { ...step, parameter };
}

/** DataX takes a default for null, too; an empty `nullFormat` is one. */
function isAbsent(parameter: JsonObject, key: string): boolean {
  const value = memberOf(parameter, key);
  return value === undefined || value === null || (key !== "nullFormat" && isBlank(value));
}

function keyOf(parameter: JsonObject, key: string): string | undefined {
  return Object.keys(parameter).find((name) => foldKey(name) === foldKey(key));
}

function memberOf(parameter: JsonObject, key: string) {
  const name = keyOf(parameter, key);
  return name === undefined ? undefined : parameter[name];
}

function isText(parameter: JsonObject): boolean {
  const format = memberOf(parameter, "fileFormat");
  return typeof format === "string" && format.trim().toLowerCase() === "text";
}

function quotesInText(parameter: JsonObject) {
  const csv = memberOf(parameter, "csvReaderConfig");
  const isPlain = isJsonObject(csv) && String(csv.useTextQualifier) === "false";
  if (!isText(parameter) || isPlain) return null;
  const message = "quotes in files of format text stay in the cells, where DataX takes them off; for that use csv";
  return { key: "fileFormat", message };
}

function unclearCells(parameter: JsonObject) {
  if (!isText(parameter)) return null;
  const message =
    "fileFormat is text, as by DataX's default: a cell that holds the field delimiter or a line end makes a dirty record, where DataX writes it as it is; csv quotes it";
  return { key: "fileFormat", message };
}

function noWriteMode(parameter: JsonObject) {
  if (!isAbsent(parameter, "writeMode")) return null;
  const message = "writeMode is left out, which DataX refuses: truncate is taken, which removes what is there";
  return { key: "writeMode", message };
}
