import iconv from "iconv-lite";
import { z } from "zod";
import type { ParameterAdvice } from "../../model/job.js";
import { adviceOnPatterns, refusePattern } from "../params/date-format.js";
import { delimiter } from "../params/delimiter.js";
import { choice, countParam, flag, text, verbatim } from "../params/fields.js";
import { param } from "../params/note.js";
import { formatNames } from "./format/names.js";

const columnTypes = ["string", "long", "double", "boolean", "bool", "date", "bytes"] as const;

const columnSchema = z
  .object({
    type: choice(columnTypes, { help: "What the cell is read as.", default: "string" }),
    index: countParam({ min: 0, help: "The cell's place in the line, from 0." }),
    name: param(z.string().min(1).optional(), {
      help: "JSON lines: the key, or a path with dots into what is nested. Elsewhere what the column is called.",
    }),
    value: param(
      z
        .preprocess(
          (value) => (typeof value === "object" || value === undefined ? value : String(value)),
          z.string().nullable(),
        )
        .optional(),
      { help: "A constant in place of a cell." },
    ),
    format: param(z.string().min(1).optional(), { help: "How a date is written, such as yyyy-MM-dd HH:mm:ss." }),
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
  textQualifier: param(oneByte.default(34), { help: "The quote, as a character or its code; 34 is the double quote." }),
  useTextQualifier: flag({ help: "Cells may stand between quotes; without it they may in csv and may not in text." }),
  trimWhitespace: flag({
    help: "Blanks around cells without quotes are cut off; without it too, unless safeSplit is set.",
  }),
  delimiter: param(z.union([z.string().min(1), z.number().int().min(1).max(127)]).optional(), {
    help: "As fieldDelimiter, which wins.",
  }),
  recordDelimiter: param(z.union([z.string().min(1), z.number().int().min(0).max(127)]).optional(), {
    help: "As lineDelimiter, which wins.",
  }),
  comment: param(oneByte.default(35), { help: "How comments begin, as a character or its code; 35 is #." }),
  useComments: flag({ help: "Lines that begin as comments do are skipped.", default: false }),
  escapeMode: param(z.preprocess((mode) => Number(mode), z.union([z.literal(1), z.literal(2)])).default(1), {
    help: "How a quote inside quotes is written: 1 = twice, 2 = behind a backslash.",
    type: "number",
  }),
  skipEmptyRecords: flag({ help: "Empty lines are no records.", default: true }),
  safeSplit: flag({ help: "Your word that no cell holds a line end: large files are cut then.", default: false }),
});

/** `fileFormat`; absent or blank means csv. */
export const fileFormat = choice(formatNames, {
  help: "csv, text (lines cut at a delimiter, no quotes) or jsonl (a JSON object a line).",
  default: "csv",
  error: "expected csv, text or jsonl, the formats that are supported",
});

/** `compress`. */
export const compression = text({ help: "gzip, or none.", title: "Compression" }).refine(
  (name) => isGzip(name) || isNone(name),
  {
    error: "this compression is not supported; use gzip, or none",
    abort: true,
  },
);

/** `encoding`, any that is known. */
export const encodingName = text({
  help: "Encoding of the text, such as UTF-8, GBK or ISO-8859-1; without it UTF-8.",
}).refine((name) => name === null || iconv.encodingExists(name), {
  error: "this encoding is not known; use for example UTF-8, GBK or ISO-8859-1",
  abort: true,
});

/** The parameters of a file reader that say what a file looks like; a connector adds its own. */
export const fileReadShape = {
  fileFormat,
  column: param(
    z
      .preprocess(
        (value) => (value === "*" || value === undefined ? ["*"] : value),
        z.union([z.tuple([z.literal("*")]), z.array(columnSchema).min(1)]),
      )
      .default(["*"]),
    {
      help: 'The cells to read, in order; ["*"] and nothing = all of them, as text.',
      type: "objects",
      inside: columnSchema,
    },
  ),
  fieldDelimiter: delimiter({ help: "What stands between cells; without it a comma." }),
  lineDelimiter: delimiter({ help: "What ends a line; without it a line feed, with or without a carriage return." }),
  compress: compression,
  encoding: encodingName,
  nullFormat: verbatim({ help: "The text that stands for null; without it no text does." }),
  skipHeader: flag({ help: "The first line of every file is a header.", default: false }),
  csvReaderConfig: param(csvReaderConfig.optional(), {
    help: "How DataX's CSV reader is set; a job that has it gets blanks around cells cut off.",
    title: "CSV settings",
  }),
  byteEncoding: text({ help: "base64: columns of type bytes are written so; without it they are text." }),
};

/** Parameters that say what files look like. */
export type FileReadParams = z.infer<z.ZodObject<typeof fileReadShape>>;

/** What is likely mistaken in the formats of the columns. */
export function adviceOnColumns({ column }: FileReadParams): readonly ParameterAdvice[] {
  return adviceOnPatterns(
    column.map((entry, at) => {
      const pattern = typeof entry === "object" && entry.type === "date" ? entry.format : undefined;
      return [`column[${at}].format`, pattern] as const;
    }),
  );
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

function isNone(compress: string | null): boolean {
  return compress === null || compress.toLowerCase() === "none";
}
