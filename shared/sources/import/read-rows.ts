import Papa from "papaparse";
import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import type { ImportFormat } from "../../model/import-formats.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { faultOfJson } from "../../model/json-shape.js";

/** One line of an import: its columns by normal name, or why it has none. */
export interface ImportRow {
  /** 1-based line of the file on which the row begins. */
  readonly line: number;
  readonly fields: JsonObject;
  readonly problem?: string;
}

/** Rows of one import, at most: they are sealed and stored one by one, within the minute that the API has. */
export const MAX_ROWS = 500;

/**
 * Reads the rows of a file. Empty lines are skipped; a broken line becomes a row with a problem.
 *
 * @throws UserError CONFIG_INVALID when the file has no header, no rows, or too many
 */
export function readRows(format: ImportFormat, content: string): readonly ImportRow[] {
  const text = content.replace(/^\uFEFF/, "");
  const rows = format === "csv" ? csvRows(text) : jsonRows(text);
  if (rows.length === 0) throw new UserError("CONFIG_INVALID", "content: there are no rows", { path: "content" });
  if (rows.length > MAX_ROWS)
    throw new UserError("CONFIG_INVALID", `content: ${rows.length} rows; at most ${MAX_ROWS} at once`, {
      path: "content",
    });
  return rows;
}

function csvRows(text: string): ImportRow[] {
  let header: readonly string[] | null = null;
  const rows: ImportRow[] = [];
  for (const { line, cells, isBroken } of csvLines(text)) {
    if (cells.every((cell) => cell.trim() === "")) continue;
    if (header === null) {
      header = cells.map(columnName);
      checkHeader(header);
      continue;
    }
    rows.push(csvRow(line, header, { cells, isBroken }));
  }
  return rows;
}

function checkHeader(header: readonly string[]): void {
  for (const needed of ["type", "name"])
    if (!header.includes(needed))
      throw new UserError("CONFIG_INVALID", `content: the first line names no column "${needed}"`, { path: "content" });
  const twice = header.find((name, i) => name !== "" && header.indexOf(name) !== i);
  if (twice) throw new UserError("CONFIG_INVALID", `content: column "${twice}" is there twice`, { path: "content" });
}

function csvRow(
  line: number,
  header: readonly string[],
  { cells, isBroken }: { cells: readonly string[]; isBroken: boolean },
): ImportRow {
  const fields = Object.fromEntries(header.map((name, i) => [name, unguarded(cells[i] ?? "")]));
  delete fields[""];
  if (isBroken) return { line, fields: {}, problem: "a quote is not closed, or stands in the middle of a value" };
  if (cells.length > header.length)
    return { line, fields: {}, problem: `${counted(cells.length, "value")} for ${counted(header.length, "column")}` };
  return { line, fields };
}

/** Exports put an apostrophe before what a spreadsheet would compute. */
function unguarded(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
  readonly isBroken: boolean;
}

function csvLines(text: string): CsvLine[] {
  const lines: CsvLine[] = [];
  let line = 1;
  let at = 0;
  Papa.parse<string[]>(text, {
    step: ({ data, errors, meta }) => {
      const isBroken = errors.some(({ type }) => type === "Quotes");
      lines.push({ line, cells: data, isBroken });
      line += text.slice(at, meta.cursor).split("\n").length - 1;
      at = meta.cursor;
    },
  });
  return lines;
}

/** Other headings that mean a column, folded: those of known templates and of spreadsheets. */
const headings: ReadonlyMap<string, string> = new Map([
  ["datasourcetype", "type"],
  ["datasourcename", "name"],
  ["datasourcedescription", "description"],
  ["environmenttype", "environment"],
  ["envtype", "environment"],
  ["env", "environment"],
  ["jdbcurl", "url"],
  ["user", "user"],
  ["username", "user"],
  ["resourcegroup", "resourceGroup"],
]);

/** The normal name of a column: known headings in any case and spacing, explained in brackets or not; others as they are. */
function columnName(heading: string): string {
  const folded = heading
    .toLowerCase()
    .replace(/[(\uFF08].*$/s, "")
    .replace(/[\s_*-]+/g, "");
  const plain = ["type", "name", "description", "environment", "url", "password", "tags"];
  return headings.get(folded) ?? (plain.includes(folded) ? folded : heading.trim());
}

function jsonRows(text: string): ImportRow[] {
  return text.split("\n").flatMap((json, i): ImportRow[] => {
    if (json.trim() === "") return [];
    const fields = parsed(json);
    if (!isJsonObject(fields)) return [{ line: i + 1, fields: {}, problem: "not a JSON object" }];
    const named = Object.entries(fields).map(([name, value]) => [columnName(name), value] as const);
    const problem = problemOf(json, fields, named);
    return [
      problem === null ? { line: i + 1, fields: Object.fromEntries(named) } : { line: i + 1, fields: {}, problem },
    ];
  });
}

/** What would be lost of a row. */
function problemOf(json: string, fields: JsonObject, named: readonly (readonly [string, unknown])[]): string | null {
  const fault = faultOfJson(json, fields);
  if (fault !== null) return fault;
  const names = named.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  return twice === undefined ? null : `column "${twice}" is there twice`;
}

function parsed(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch {
    // The parser's message would quote the line, and with it a password.
    return null;
  }
}
