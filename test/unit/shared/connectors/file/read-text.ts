import { z } from "zod";
import { bodyStart } from "../../../../../shared/connectors/file/body-start.js";
import { csvCuts } from "../../../../../shared/connectors/file/csv-cuts.js";
import { type Encoder, encoderFor } from "../../../../../shared/connectors/file/encode.js";
import { csvRules } from "../../../../../shared/connectors/file/format/csv.js";
import { jsonRules } from "../../../../../shared/connectors/file/format/jsonl.js";
import { textRules } from "../../../../../shared/connectors/file/format/text.js";
import { allColumns, listedColumns } from "../../../../../shared/connectors/file/outputs.js";
import { dialectOf } from "../../../../../shared/connectors/file/quoted.js";
import { lastBatch, readPiece } from "../../../../../shared/connectors/file/read-file.js";
import type { ReadFormat } from "../../../../../shared/connectors/file/read-format.js";
import { fileReadShape } from "../../../../../shared/connectors/file/read-shape.js";
import { startScan } from "../../../../../shared/connectors/file/scan.js";
import { fileWriteShape } from "../../../../../shared/connectors/file/write-shape.js";
import type { Batch, Column, DataRecord, DirtyRecord } from "../../../../../shared/model/batch.js";

export interface ReadResult {
  rows: DataRecord[];
  dirty: DirtyRecord[];
  batches: Batch[];
}

const rules = { csv: csvRules, text: textRules, jsonl: jsonRules };

export function formatFor(given: object): ReadFormat {
  const params = z.object(fileReadShape).parse(given);
  return rules[params.fileFormat].readFormat(params);
}

/** Writes text of records with these columns. */
export function encoderOf(given: object, columns: readonly Column[]): Encoder {
  const params = z.object(fileWriteShape).parse(given);
  return encoderFor(rules[params.fileFormat].writeFormat(params, { columns, timeZone: null }), columns);
}

/** Reads text as one piece, handed over in chunks of `chunkBytes`. */
export async function readText(
  text: string | Buffer,
  given: Record<string, unknown>,
  from: { offset?: number; line?: number | null; chunkBytes?: number; names?: string[] } = {},
): Promise<ReadResult> {
  const params = z.object(fileReadShape).parse(given);
  const format = formatFor(given);
  const [first] = params.column;
  const columns =
    first === "*" || first === undefined
      ? allColumns(from.names ?? [])
      : listedColumns(params.column as Exclude<typeof params.column, ["*"]>, format, null);
  const scan = startScan(format, columns.outputs, columns);
  const result: ReadResult = { rows: [], dirty: [], batches: [] };
  const add = (batch: Batch) => {
    result.batches.push(batch);
    result.rows.push(...batch.rows);
    result.dirty.push(...batch.dirty);
  };
  const bytes = chunks(Buffer.isBuffer(text) ? text : Buffer.from(text), from.chunkBytes ?? 65536);
  const start = { object: "o", offset: from.offset ?? 0, line: from.line === undefined ? 1 : from.line };
  for await (const batch of readPiece(scan, start, { bytes, checkpoint: (offset, line) => ({ offset, line }) }))
    add(batch);
  const last = lastBatch(scan, { offset: scan.offset, line: scan.line });
  if (last) add(last);
  return result;
}

export async function* chunks(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Cuts a file as planning does. */
export function cutsOf(text: string, given: object, pieceBytes: number, chunkBytes: number) {
  const format = formatFor(given);
  const dialect = dialectOf({ ...format, quote: format.quote ?? 34 });
  const bytes = Buffer.from(text);
  const body = bodyStart(bytes, format, { isLast: true }) ?? { headerAt: 0, offset: 0, line: 1 };
  return csvCuts(chunks(bytes.subarray(body.offset), chunkBytes), { dialect, pieceBytes, body });
}

/** A repeatable source of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
