import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import { decodeDelimiter } from "../../params/delimiter.js";
import { unclearCell } from "../plain-line.js";
import type { ReadFormat } from "../read-format.js";
import { type FileReadParams, foreignEncoding, isGzip } from "../read-shape.js";
import { type TextEncoding, textEncoding } from "../text-encoding.js";
import type { LineMaker, WriteFormat } from "../write-format.js";
import type { FileWriteParams } from "../write-shape.js";
import type { WrittenRecords } from "./format.js";

/** What differs between the formats whose lines are cells with a delimiter between them. */
export interface DelimitedRules {
  /** The quote byte, null when cells are never quoted. */
  quote(params: FileReadParams): number | null;
  /** @throws UserError for a line end that the format does not have */
  checkLineEnd(text: string): void;
}

/**
 * Works out how such files are read.
 *
 * @throws UserError CONFIG_INVALID for a delimiter that cannot be one, UNSUPPORTED for settings that do not go together
 */
export function delimitedReadFormat(params: FileReadParams, rules: DelimitedRules): ReadFormat {
  const csv = params.csvReaderConfig;
  const configured = csv?.recordDelimiter;
  const namesLineEnd = params.lineDelimiter !== undefined || (configured ?? 0) !== 0;
  const lineEnd = params.lineDelimiter ?? (configured === 0 ? undefined : character(configured)) ?? "\n";
  if (lineEnd !== "\r\n") rules.checkLineEnd(lineEnd);
  const format: ReadFormat = {
    keysOf: null,
    delimiter: Buffer.from(params.fieldDelimiter ?? character(csv?.delimiter) ?? ","),
    terminator: Buffer.from(lineEnd === "\r\n" ? "\n" : lineEnd),
    loneReturns: namesLineEnd ? "text" : "mistake",
    quote: rules.quote(params),
    escape: csv?.escapeMode === 2 ? "backslash" : "double",
    comment: csv?.useComments ? csv.comment : null,
    trim: trims(csv),
    skipEmpty: csv?.skipEmptyRecords ?? true,
    skipHeader: params.skipHeader,
    nullText: params.nullFormat ?? null,
    encoding: foreignEncoding(params.encoding ?? "UTF-8"),
    gzip: isGzip(params.compress),
    base64: isBase64(params),
    safeSplit: csv?.safeSplit ?? false,
  };
  refuseClash(format);
  return format;
}

/** DataX trims by default, so a job that carries its CSV settings expects that; `safeSplit` is ours and says nothing about trimming. */
function trims(csv: FileReadParams["csvReaderConfig"]): boolean {
  if (!csv) return false;
  return csv.trimWhitespace ?? !csv.safeSplit;
}

function character(given: string | number | undefined): string | undefined {
  return typeof given === "number" ? String.fromCharCode(given) : given && decodeDelimiter(given);
}

function isBase64({ byteEncoding }: Pick<FileReadParams, "byteEncoding">): boolean {
  return byteEncoding?.toLowerCase() === "base64";
}

function refuseClash(format: ReadFormat): void {
  const { delimiter, terminator, quote } = format;
  if (quote === null && format.escape === "backslash") {
    const message = "escapeMode 2 is read between quotes only: leave useTextQualifier out, or escapeMode";
    throw new UserError("UNSUPPORTED", message, { path: "csvReaderConfig.escapeMode" });
  }
  const clash =
    delimiter.includes(terminator) || terminator.includes(delimiter) || (quote !== null && delimiter.includes(quote));
  if (clash) throw clashOf(delimiter.toString());
}

function clashOf(delimiter: string): UserError {
  const message = `fieldDelimiter ${JSON.stringify(delimiter)} clashes with the line delimiter or the quote`;
  return new UserError("CONFIG_INVALID", message, { path: "fieldDelimiter" });
}

/** What stands between cells and behind lines, as they are written. */
export interface Separators {
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly nullText: string;
}

/** The separators of a job. @throws UserError where nobody could tell cells, lines and quotes apart */
export function separatorsOf(params: FileWriteParams, { quotes }: Pick<WriteFormat, "quotes">): Separators {
  const [delimiter, lineEnd] = [params.fieldDelimiter ?? ",", params.lineDelimiter ?? "\n"];
  // Also not one's beginning within the other, which cells between them could make a whole of.
  const isClear = !delimiter.includes(lineEnd[0] ?? "") && !lineEnd.includes(delimiter[0] ?? "");
  if (!isClear || (quotes && (delimiter.includes('"') || lineEnd.includes('"')))) throw clashOf(delimiter);
  return { delimiter, lineEnd, nullText: params.nullFormat ?? "" };
}

/**
 * Works out how such files are written.
 *
 * @throws UserError CONFIG_INVALID for texts that the encoding has not, or that would be read as several cells
 */
export function delimitedWriteFormat(
  params: FileWriteParams,
  { columns, timeZone }: WrittenRecords,
  made: Pick<WriteFormat, "line" | "quotes" | "refuses"> & Separators,
): WriteFormat {
  const encoding = writtenEncoding(params);
  const header = headerOf(params, columns);
  const { delimiter, nullText, quotes } = made;
  refuseUnwritable({ header: header ?? [], fieldDelimiter: [delimiter], nullFormat: [nullText] }, encoding);
  refuseUnclear({ nullFormat: [nullText], header: quotes ? [] : (header ?? []) }, made);
  const { dateFormat } = params;
  const rest = { encoding, header, timeZone, gzip: isGzip(params.compress), base64: isBase64(params) };
  return { ...made, ...rest, isDelimited: true, dateFormat: dateFormat ?? null };
}

/** Null = UTF-8. */
export function writtenEncoding({ encoding }: FileWriteParams): TextEncoding | null {
  const foreign = foreignEncoding(encoding ?? "UTF-8");
  return foreign === null ? null : textEncoding(foreign);
}

function headerOf({ header, writeHeader }: FileWriteParams, columns: readonly Column[]): readonly string[] | null {
  if (header && header.length > 0) return header;
  return writeHeader && columns.length > 0 ? columns.map(({ name }) => name) : null;
}

/** What is written as it is and would be read as several cells or lines. */
function refuseUnclear(written: Readonly<Record<string, readonly string[]>>, separators: Separators): void {
  for (const [path, texts] of Object.entries(written)) {
    const text = texts.find((one) => unclearCell(one, separators) !== null);
    if (text === undefined) continue;
    const message = `${path}: ${JSON.stringify(text)} holds the field delimiter or the line delimiter`;
    throw new UserError("CONFIG_INVALID", message, { path });
  }
}

/** What the encoding has not would come out as question marks. */
export function refuseUnwritable(
  written: Readonly<Record<string, readonly string[]>>,
  encoding: TextEncoding | null,
): void {
  for (const [path, texts] of Object.entries(written)) {
    const text = texts.find((one) => encoding?.encode(one) === null);
    if (text === undefined) continue;
    const message = `${path}: "${text}" cannot be written in the encoding of the file; use UTF-8`;
    throw new UserError("CONFIG_INVALID", message, { path });
  }
}

/** Makes lines of which each cell is written as `written` says. */
export function delimitedLine(
  { delimiter, lineEnd, nullText }: Separators,
  { written, blank }: { written(text: string): string; blank: string },
): LineMaker {
  return (texts) => {
    let line = "";
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i];
      if (i > 0) line += delimiter;
      line += text === null || text === undefined ? nullText : written(text);
    }
    return (line === "" ? blank : line) + lineEnd;
  };
}
