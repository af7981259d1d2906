import iconv from "iconv-lite";
import { z } from "zod";
import { UserError } from "../../model/errors.js";
import type { ParameterAdvice } from "../../model/job.js";
import { adviceOnPatterns, refusePattern } from "./date-format.js";
import { columnIndex, decodeDelimiter, flag, optionalDelimiter, optionalText } from "./scalars.js";

const columnTypes = ["string", "long", "double", "boolean", "bool", "date", "bytes"] as const;

const columnSchema = z
  .object({
    type: z
      .preprocess((type) => (typeof type === "string" ? type.trim().toLowerCase() : type), z.enum(columnTypes))
      .default("string"),
    index: columnIndex.optional(),
    name: z.string().min(1).optional(),
    value: z
      .preprocess(
        (value) => (typeof value === "object" || value === undefined ? value : String(value)),
        z.string().nullable(),
      )
      .optional(),
    format: z.string().min(1).optional(),
  })
  .refine(({ index, name, value }) => index !== undefined || name !== undefined || value !== undefined, {
    message: "needs index, name or value",
  })
  .superRefine(({ type, format }, context) => {
    if (type === "date") refusePattern(format, ["format"], context);
  });

/** One entry of `column`: a cell by `index` (JSON lines: by `name`, a dotted path), or a constant `value`. */
export type FileColumn = z.infer<typeof columnSchema>;

/** One byte, given as the character or as its code, which is how DataX's CSV settings spell it. */
const oneByte = z.preprocess((value) => {
  if (typeof value === "string" && /^\d{2,3}$/.test(value)) return Number(value);
  return typeof value === "string" && value.length === 1 ? value.charCodeAt(0) : value;
}, z.number().int().min(0).max(127));

const csvReaderConfig = z.object({
  textQualifier: oneByte.default(34),
  useTextQualifier: flag.optional(),
  trimWhitespace: flag.optional(),
  delimiter: z.union([z.string().min(1), z.number().int().min(1).max(127)]).optional(),
  recordDelimiter: z.union([z.string().min(1), z.number().int().min(0).max(127)]).optional(),
  comment: oneByte.default(35),
  useComments: flag.default(false),
  escapeMode: z.preprocess((mode) => Number(mode), z.union([z.literal(1), z.literal(2)])).default(1),
  skipEmptyRecords: flag.default(true),
  safeSplit: flag.default(false),
});

/** `fileFormat`; absent or blank means csv. */
export const fileFormat = z.preprocess(
  (value) => (typeof value === "string" ? value.trim().toLowerCase() || undefined : (value ?? undefined)),
  z
    .enum(["csv", "text", "jsonl"], { error: "expected csv, text or jsonl, the formats that are supported" })
    .default("csv"),
);

/** `compress`. */
export const compression = optionalText.refine((name) => isGzip(name) || isNone(name), {
  error: "this compression is not supported; use gzip, or none",
  abort: true,
});

/** `encoding`, any that is known. */
export const encodingName = optionalText.refine((name) => name === undefined || iconv.encodingExists(name.trim()), {
  error: "this encoding is not known; use for example UTF-8, GBK or ISO-8859-1",
  abort: true,
});

/** The parameters of a file reader that say what a file looks like; a connector adds its own. */
export const fileReadShape = {
  fileFormat,
  column: z
    .preprocess(
      (value) => (value === "*" || value === undefined ? ["*"] : value),
      z.union([z.tuple([z.literal("*")]), z.array(columnSchema).min(1)]),
    )
    .default(["*"]),
  fieldDelimiter: optionalDelimiter,
  lineDelimiter: optionalDelimiter,
  compress: compression,
  encoding: encodingName,
  nullFormat: z.string().nullish(),
  skipHeader: flag.default(false),
  csvReaderConfig: csvReaderConfig.optional(),
  byteEncoding: optionalText,
};

/** The keys of {@link fileReadShape}. */
export const fileReadKeys: readonly string[] = Object.keys(fileReadShape);

type FileReadParams = z.infer<z.ZodObject<typeof fileReadShape>>;

/** What is likely mistaken in the formats of the columns. */
export function adviceOnColumns({ column }: FileReadParams): readonly ParameterAdvice[] {
  return adviceOnPatterns(
    column.map((entry, at) => {
      const pattern = typeof entry === "object" && entry.type === "date" ? entry.format : undefined;
      return [`column[${at}].format`, pattern] as const;
    }),
  );
}

/** How the bytes of a file are cut into records and cells. */
export interface ReadFormat {
  readonly kind: "csv" | "text" | "jsonl";
  readonly delimiter: Buffer;
  /** Ends a record; for a line feed a carriage return before it is dropped. */
  readonly terminator: Buffer;
  /** What a carriage return without a line feed is, outside quotes: text only when the job names its line ends. */
  readonly loneReturns: "text" | "mistake";
  /** The quote byte, null when cells are never quoted. */
  readonly quote: number | null;
  /** How a quote inside a quoted cell is written: doubled, or after a backslash. */
  readonly escape: "double" | "backslash";
  /** Lines that begin with this byte are skipped; null = none are. */
  readonly comment: number | null;
  readonly trim: boolean;
  readonly skipEmpty: boolean;
  readonly skipHeader: boolean;
  readonly nullText: string | null;
  /** Null = UTF-8, read as it is. */
  readonly encoding: string | null;
  readonly gzip: boolean;
  /** Columns of type bytes are written as base64; else as their bytes in UTF-8 text. */
  readonly base64: boolean;
  /** The user's word that no cell holds a line end. */
  readonly safeSplit: boolean;
}

/**
 * Works out how files are read.
 *
 * @throws UserError CONFIG_INVALID for a delimiter that cannot be one, UNSUPPORTED for settings that do not go together
 */
export function readFormat(params: FileReadParams): ReadFormat {
  const kind = params.fileFormat;
  const csv = params.csvReaderConfig;
  const namesLineEnd = params.lineDelimiter !== undefined || (csv?.recordDelimiter ?? 0) !== 0;
  const format: ReadFormat = {
    kind,
    delimiter: Buffer.from(params.fieldDelimiter ?? character(csv?.delimiter) ?? ","),
    terminator: terminatorOf(kind, params),
    loneReturns: namesLineEnd || kind === "jsonl" ? "text" : "mistake",
    quote: quoteOf(kind, csv),
    escape: csv?.escapeMode === 2 ? "backslash" : "double",
    comment: csv?.useComments && kind !== "jsonl" ? csv.comment : null,
    trim: kind !== "jsonl" && trims(csv),
    skipEmpty: kind === "jsonl" || (csv?.skipEmptyRecords ?? true),
    skipHeader: params.skipHeader,
    nullText: params.nullFormat ?? null,
    encoding: foreignEncoding(params.encoding ?? "UTF-8"),
    gzip: isGzip(params.compress),
    base64: kind === "jsonl" || params.byteEncoding?.trim().toLowerCase() === "base64",
    safeSplit: csv?.safeSplit ?? false,
  };
  refuseClash(format);
  return format;
}

type CsvConfig = FileReadParams["csvReaderConfig"];

function quoteOf(kind: ReadFormat["kind"], csv: CsvConfig): number | null {
  const quoted = csv?.useTextQualifier ?? kind === "csv";
  return kind === "csv" && quoted ? (csv?.textQualifier ?? 34) : null;
}

/** DataX trims by default, so a job that carries its CSV settings expects that; `safeSplit` is ours and says nothing about trimming. */
function trims(csv: CsvConfig): boolean {
  if (!csv) return false;
  return csv.trimWhitespace ?? !csv.safeSplit;
}

function character(given: string | number | undefined): string | undefined {
  return typeof given === "number" ? String.fromCharCode(given) : given && decodeDelimiter(given);
}

function terminatorOf(kind: ReadFormat["kind"], params: FileReadParams): Buffer {
  const configured = params.csvReaderConfig?.recordDelimiter;
  const text = params.lineDelimiter ?? (configured === 0 ? undefined : character(configured)) ?? "\n";
  if (text === "\r\n" || kind === "jsonl") return Buffer.from("\n");
  if (kind === "csv" && text !== "\n" && text !== "\r") {
    const message = `lineDelimiter ${JSON.stringify(text)}: csv lines end with a line feed or a carriage return; use fileFormat text`;
    throw new UserError("CONFIG_INVALID", message, { path: "lineDelimiter" });
  }
  return Buffer.from(text);
}

/** The name of an encoding other than UTF-8; null for UTF-8. */
export function foreignEncoding(given: string): string | null {
  const name = given.trim();
  return /^utf-?8$/i.test(name) ? null : name;
}

/** True for gzip, false for none. */
export function isGzip(compress: string | null | undefined): boolean {
  return /^gz(ip)?$/i.test((compress ?? "").trim());
}

function isNone(compress: string | undefined): boolean {
  return compress === undefined || compress.trim().toLowerCase() === "none";
}

function refuseClash(format: ReadFormat): void {
  const { kind, delimiter, terminator, quote } = format;
  if (kind === "jsonl") return;
  if (quote === null && format.escape === "backslash") {
    const message = "escapeMode 2 is read between quotes only: leave useTextQualifier out, or escapeMode";
    throw new UserError("UNSUPPORTED", message, { path: "csvReaderConfig.escapeMode" });
  }
  const clash =
    delimiter.includes(terminator) || terminator.includes(delimiter) || (quote !== null && delimiter.includes(quote));
  if (!clash) return;
  const message = `fieldDelimiter ${JSON.stringify(delimiter.toString())} clashes with the line delimiter or the quote`;
  throw new UserError("CONFIG_INVALID", message, { path: "fieldDelimiter" });
}
