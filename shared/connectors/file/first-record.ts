import Papa from "papaparse";
import { keysOfLine } from "./json-lines.js";
import { lineEnd } from "./lines.js";
import { dialectOf, recordEnd } from "./quoted.js";
import { markLength } from "./read-file.js";
import type { ReadFormat } from "./read-format.js";

/** The first record is looked for in so many decoded bytes. */
const HEAD_BYTES = 1024 * 1024;

/**
 * Names of all cells of a file's first record, for `["*"]`: from the header when it is skipped and fits, else `c0`, `c1`, …;
 * of JSON lines the keys. Empty when the file has no record.
 *
 * @param source the decoded file from its start; only the beginning is read
 */
export async function namesOfFirstRecord(source: AsyncIterable<Buffer>, format: ReadFormat): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEAD_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  const start = markLength(head);
  const bodyAt = format.skipHeader ? Math.min(lineEnd(format, head, start), head.length) : start;
  const record = firstRecord(head.subarray(bodyAt), format);
  if (record === null) return [];
  if (format.kind === "jsonl") return keysOfLine(record);
  const width = cellsOf(record, format).length;
  const header = format.skipHeader
    ? cellsOf(head.toString("utf8", start, bodyAt), format).map((name) => name.trim())
    : [];
  const fits = header.length === width && new Set(header).size === width && !header.includes("");
  return fits ? header : Array.from({ length: width }, (_, i) => `c${i}`);
}

/** The first line that is neither blank nor a comment, with what its quotes hold. */
function firstRecord(body: Buffer, format: ReadFormat): string | null {
  for (let at = 0; at < body.length; ) {
    const end = Math.min(lineEnd(format, body, at), body.length);
    const isBlank = body.toString("utf8", at, end).trim() === "";
    if (body[at] !== format.comment && !(isBlank && format.skipEmpty))
      return body.toString("utf8", at, endOf(body, at, format, end));
    at = end;
  }
  return null;
}

function endOf(body: Buffer, at: number, format: ReadFormat, lineStop: number): number {
  const { quote } = format;
  const end = quote === null ? lineStop : recordEnd(body, at, dialectOf({ ...format, quote }), true);
  return end < 0 ? lineStop : end;
}

function cellsOf(record: string, { delimiter, terminator, quote }: ReadFormat): string[] {
  const ending = terminator.toString();
  const line = record.endsWith(ending) ? record.slice(0, -ending.length) : record;
  const text = ending === "\n" ? line.replace(/\r$/, "") : line;
  if (quote === null) return text.split(delimiter.toString());
  const options = { delimiter: delimiter.toString(), newline: "\n", quoteChar: String.fromCharCode(quote) } as const;
  return Papa.parse<string[]>(`${text}\n`, options).data[0] ?? [];
}
