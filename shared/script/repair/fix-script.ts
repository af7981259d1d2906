import type { Job } from "../../model/job.js";
import type { TextPlace } from "../../model/place.js";
import { matchKeys } from "../read/keys.js";
import { type ReadScript, readScript } from "../read/read-script.js";
import type { Respelling } from "../read/reading.js";
import { joinPath } from "../text/field-path.js";
import { offsetsOf, textPlacesOf } from "../text/positions.js";
import { ScriptError } from "../text/script-error.js";
import { nodeFinder } from "../text/script-tree.js";
import { readTree } from "../text/syntax.js";
import { applyEdits, type Edited } from "../text/text-edits.js";
import { findRepairs, type Repair } from "./repairs.js";

/** Keys inside a parameter whose case published scripts vary, in the spelling that all connectors share. */
const PARAMETER_KEYS = [
  "batchByteSize",
  "batchSize",
  "column",
  "compress",
  "connection",
  "datasource",
  "emptyAsNull",
  "encoding",
  "fetchSize",
  "fieldDelimiter",
  "fileFormat",
  "header",
  "nullFormat",
  "object",
  "partition",
  "postSql",
  "preSql",
  "primaryKey",
  "querySql",
  "session",
  "skipHeader",
  "splitPk",
  "table",
  "truncate",
  "where",
  "writeMode",
];

/** Something that was repaired, and where it stood before. */
export interface Fix extends TextPlace {
  readonly message: string;
}

/** A repaired script. */
export interface FixedScript {
  readonly text: string;
  /** In the order of the text; empty when nothing needed repair. */
  readonly fixes: readonly Fix[];
}

/**
 * Repairs what is beyond doubt: a missing comma between members or lines, trailing commas, superfluous or missing closing
 * brackets at the very end, Unicode blanks and full-width punctuation outside strings, case of and blanks around known
 * keys and names. Comments stay.
 *
 * @throws ScriptError when something else is wrong, with places in the text as given
 */
export function fixScript(text: string): FixedScript {
  const { repairs, closesBrackets } = findRepairs(text);
  const mended = applyEdits(text, repairs);
  const script = readMended(text, mended);
  // An object that swallowed what should follow it was closed at the wrong place: the reader of the script must say where.
  if (closesBrackets && script.unknownKeys.length > 0) readTree(text);
  const placeOf = textPlacesOf(text);
  const spelling = respell(mended.text, script);
  const fixes = [
    ...repairs,
    ...spelling.repairs.map((repair) => ({ ...repair, offset: mended.originOf(repair.offset) })),
  ].map(({ offset, message }) => ({ offset, fix: { message, ...placeOf(offset) } }));
  return { text: spelling.text, fixes: fixes.sort((a, b) => a.offset - b.offset).map(({ fix }) => fix) };
}

/** Reads the mended text; issues are moved to where they stand in the text as given. */
function readMended(text: string, mended: Edited): ReadScript {
  try {
    return readScript(mended.text, { mode: "preview" });
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const placeOf = textPlacesOf(text);
    const offsetOf = offsetsOf(mended.text);
    const [first, ...rest] = error.issues.map((issue) => {
      if (issue.line === undefined || issue.column === undefined) return issue;
      return { ...issue, ...placeOf(mended.originOf(offsetOf({ line: issue.line, column: issue.column }))) };
    });
    throw first ? new ScriptError(first, ...rest) : error;
  }
}

function respell(text: string, { job, respellings }: ReadScript): { text: string; repairs: readonly Repair[] } {
  const find = nodeFinder(readTree(text).root);
  const all = [...respellings, ...parameterKeys(job.reader), ...parameterKeys(job.writer)];
  const repairs = all.flatMap(({ path, part, to }): Repair[] => {
    const found = find(path);
    const node = part === "key" ? found?.node.parent?.children?.[0] : found?.node;
    if (!found?.exact || node?.type !== "string") return [];
    const written = text.slice(node.offset, node.offset + node.length);
    const message = `${part} ${written} respelled as "${to}"`;
    return [{ offset: node.offset, length: node.length, text: JSON.stringify(to), message }];
  });
  return { text: applyEdits(text, repairs).text, repairs };
}

function parameterKeys({ parameter, path }: Job["reader"]): Respelling[] {
  const { found } = matchKeys(parameter, PARAMETER_KEYS);
  return [...found]
    .filter(([canonical, key]) => canonical !== key)
    .map(([canonical, key]) => ({ path: joinPath(path, key), part: "key", to: canonical }));
}
