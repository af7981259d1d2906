import { z } from "zod";
import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { delimiter } from "../params/delimiter.js";
import { flag, text, untrimmedText, verbatim } from "../params/fields.js";
import { param } from "../params/note.js";
import { refusePattern } from "./date-format.js";
import { unclearCell } from "./plain-line.js";
import { compression, encodingName, fileFormat, foreignEncoding, isGzip } from "./read-format.js";
import { type TextEncoding, textEncoding } from "./text-encoding.js";

/** The parameters of a file writer that say what its files look like; a connector adds its own. */
export const fileWriteShape = {
  fileFormat,
  fieldDelimiter: delimiter({ help: "What stands between cells; without it a comma." }),
  lineDelimiter: delimiter({ help: "What ends a line; without it a line feed." }),
  encoding: encodingName,
  nullFormat: verbatim({ help: "The text that is written for null; without it an empty cell." }),
  dateFormat: untrimmedText({
    help: "How dates are written, such as yyyy-MM-dd HH:mm:ss; without it with all the digits they have.",
  }).superRefine((pattern, context) => refusePattern(pattern ?? undefined, [], context)),
  header: param(
    z.preprocess(
      (value) => (typeof value === "string" && value !== "" ? [value] : value || undefined),
      z.array(z.string()).optional(),
    ),
    { help: "The cells of the first line of every file." },
  ),
  writeHeader: flag({ help: "The first line of every file has the names of the reader's columns.", default: false }),
  compress: compression,
  byteEncoding: text({ help: "base64: bytes are written so; without it as text." }),
};

type FileWriteParams = z.infer<z.ZodObject<typeof fileWriteShape>>;

/** How records become bytes of a file. */
export interface WriteFormat {
  readonly kind: "csv" | "text" | "jsonl";
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly nullText: string;
  /** Null = canonical text. */
  readonly dateFormat: string | null;
  readonly timeZone: string | null;
  /** Null = UTF-8. */
  readonly encoding: TextEncoding | null;
  /** Cells of the first line of every file; null = none. */
  readonly header: readonly string[] | null;
  readonly gzip: boolean;
  /** Bytes are written as base64 instead of as text. */
  readonly base64: boolean;
}

/**
 * Works out how files are written.
 *
 * @throws UserError CONFIG_INVALID for delimiters that cannot be told apart, for texts that the encoding has not, and for
 *   JSON objects that would have a key twice
 */
export function writeFormat(params: FileWriteParams, columns: readonly Column[], timeZone: string | null): WriteFormat {
  const kind = params.fileFormat;
  const [delimiter, lineEnd] = [params.fieldDelimiter ?? ",", params.lineDelimiter ?? "\n"];
  if (kind === "jsonl") refuseTwice(columns);
  else refuseClash(delimiter, lineEnd, kind);
  const foreign = foreignEncoding(params.encoding ?? "UTF-8");
  const encoding = foreign === null ? null : textEncoding(foreign);
  const header = kind === "jsonl" ? null : headerOf(params, columns);
  const written = {
    header: header ?? [],
    fieldDelimiter: [params.fieldDelimiter ?? ","],
    nullFormat: [params.nullFormat ?? ""],
  };
  for (const [path, texts] of Object.entries(written)) refuseUnwritable(path, texts, encoding);
  if (kind !== "jsonl") refuseUnclear({ nullFormat: written.nullFormat }, { delimiter, lineEnd });
  if (kind === "text") refuseUnclear({ header: written.header }, { delimiter, lineEnd });
  return {
    kind,
    delimiter,
    lineEnd,
    nullText: params.nullFormat ?? "",
    dateFormat: params.dateFormat ?? null,
    timeZone,
    encoding,
    header,
    gzip: isGzip(params.compress),
    base64: params.byteEncoding?.toLowerCase() === "base64" || kind === "jsonl",
  };
}

function headerOf({ header, writeHeader }: FileWriteParams, columns: readonly Column[]): readonly string[] | null {
  if (header && header.length > 0) return header;
  return writeHeader && columns.length > 0 ? columns.map(({ name }) => name) : null;
}

/** Whoever reads an object with a key twice gets one of the two values. */
function refuseTwice(columns: readonly Column[]): void {
  const names = columns.map(({ name }) => name);
  const at = names.findIndex((name, i) => names.indexOf(name) < i);
  if (at < 0) return;
  const message = `columns ${names.indexOf(names[at] ?? "") + 1} and ${at + 1} of the reader are both named "${names[at]}", and a JSON object has each key once`;
  throw new UserError("CONFIG_INVALID", message, {
    path: "fileFormat",
    hint: "Give the reader's columns different names: an alias in SQL (a AS b), a name in a file's column entry.",
  });
}

/** A file in which nobody can tell cells, lines and quotes apart. */
function refuseClash(delimiter: string, lineEnd: string, kind: "csv" | "text"): void {
  // Also not one's beginning within the other, which cells between them could make a whole of.
  const isClear = !delimiter.includes(lineEnd[0] ?? "") && !lineEnd.includes(delimiter[0] ?? "");
  if (isClear && !(kind === "csv" && (delimiter.includes('"') || lineEnd.includes('"')))) return;
  const message = `fieldDelimiter ${JSON.stringify(delimiter)} clashes with the line delimiter or the quote`;
  throw new UserError("CONFIG_INVALID", message, { path: "fieldDelimiter" });
}

/** What is written as it is and would be read as several cells or lines. */
function refuseUnclear(
  written: Readonly<Record<string, readonly string[]>>,
  separators: Pick<WriteFormat, "delimiter" | "lineEnd">,
): void {
  for (const [path, texts] of Object.entries(written)) {
    const text = texts.find((one) => unclearCell(one, separators) !== null);
    if (text === undefined) continue;
    const message = `${path}: ${JSON.stringify(text)} holds the field delimiter or the line delimiter`;
    throw new UserError("CONFIG_INVALID", message, { path });
  }
}

/** What the encoding has not would come out as question marks. */
function refuseUnwritable(path: string, texts: readonly string[], encoding: TextEncoding | null): void {
  const text = texts.find((one) => encoding?.encode(one) === null);
  if (text === undefined) return;
  const message = `${path}: "${text}" cannot be written in the encoding of the file; use UTF-8`;
  throw new UserError("CONFIG_INVALID", message, { path });
}
