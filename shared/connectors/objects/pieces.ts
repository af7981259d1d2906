import { type BodyStart, bodyStart } from "../file/body-start.js";
import { type CsvCuts, type Cut, csvCuts } from "../file/csv-cuts.js";
import { isSeekable } from "../file/decode.js";
import { cutsAnywhere, lineCuts } from "../file/line-cuts.js";
import { dialectOf } from "../file/quoted.js";
import type { ReadFormat } from "../file/read-format.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { readRange, readWhole } from "./read-range.js";

/** A piece of one object, `[start, end)`, that begins and ends with a record. */
export interface Piece {
  readonly key: string;
  readonly etag: string;
  readonly start: number;
  readonly end: number;
  /** 1-based number of the first line; null = unknown. */
  readonly line: number | null;
  /** Lines in the piece; null = unknown. */
  readonly lines: number | null;
}

/** What cutting needs to know. */
export interface CutPlan {
  readonly format: ReadFormat;
  readonly pieceBytes: number;
  readonly enabled: boolean;
  /** Bytes that may still be looked through; see {@link LOOK_BYTES}. */
  budget: { left: number };
  warn(message: string): void;
  readonly signal: AbortSignal;
}

/** CSV files of so many bytes in all are looked through for record ends per plan. */
export const LOOK_BYTES = 4 * 1024 ** 3;

/** Headers are looked for in so many bytes first. */
const HEAD_BYTES = 128 * 1024;

/** Cuts an object into pieces of about `pieceBytes`, or leaves it whole where its format or the job does not allow cuts. */
export async function piecesOf(store: FileStore, object: ObjectInfo, plan: CutPlan): Promise<Piece[]> {
  const whole: Piece = { key: object.key, etag: object.etag, start: 0, end: object.size, line: 1, lines: null };
  if (object.size <= plan.pieceBytes * 1.5 || !plan.enabled || !isSeekable(plan.format)) return [whole];
  // Pieces of one size, so that the last is no crumb.
  const even = { ...plan, pieceBytes: Math.ceil(object.size / Math.round(object.size / plan.pieceBytes)) };
  if (!needsLook(plan.format)) return await piecesByLines(store, object, even);
  const found = await lookThrough(store, object, even);
  return found ? piecesAt(object, found.cuts, found.lines) : [whole];
}

/** True when only the quotes from the start of a file on tell whether a line end ends a record. */
function needsLook({ quote, safeSplit }: ReadFormat): boolean {
  return quote !== null && !safeSplit;
}

async function piecesByLines(store: FileStore, object: ObjectInfo, plan: CutPlan): Promise<Piece[]> {
  const { terminator } = plan.format;
  const read = (start: number, end: number) => readWhole(store, { ...object, start, end }, plan.signal);
  const { size } = object;
  const cuts = cutsAnywhere(terminator) ? await lineCuts(read, { size, terminator, pieceBytes: plan.pieceBytes }) : [];
  return piecesAt(object, cuts, null);
}

async function lookThrough(store: FileStore, object: ObjectInfo, plan: CutPlan): Promise<CsvCuts | null> {
  const { format, budget, warn, signal, pieceBytes } = plan;
  const { quote, comment, delimiter } = format;
  if (quote === null || comment !== null || delimiter.length > 1) return null;
  if (object.size > budget.left) {
    warn(
      `${object.key} is read whole: more than 4 GiB of CSV; csvReaderConfig.safeSplit: true splits it if no cell holds a line end`,
    );
    return null;
  }
  budget.left -= object.size;
  const body = await bodyOf(store, object, plan);
  const source = readRange(store, { ...object, start: body.offset, end: object.size }, signal);
  const found = await csvCuts(source, { dialect: dialectOf({ ...format, quote }), pieceBytes, body });
  if (found.unclosedAt !== null)
    warn(`${object.key}: a quote at byte ${found.unclosedAt} is never closed; not split behind it`);
  return found;
}

async function bodyOf(store: FileStore, object: ObjectInfo, { format, signal }: CutPlan): Promise<BodyStart> {
  for (let bytes = HEAD_BYTES; ; bytes *= 4) {
    const end = Math.min(bytes, object.size);
    const head = await readWhole(store, { ...object, start: 0, end }, signal);
    const body = bodyStart(head, format, end === object.size);
    if (body) return body;
  }
}

function piecesAt(object: ObjectInfo, cuts: readonly Cut[], lines: number | null): Piece[] {
  const starts: Cut[] = [{ offset: 0, line: 1 }, ...cuts];
  return starts.map(({ offset, line }, i) => {
    const next = starts[i + 1];
    const lastLine = next ? next.line : lines === null ? null : lines + 1;
    const counted = line === null || lastLine === null || (i === 0 && next?.line === null) ? null : lastLine - line;
    return {
      key: object.key,
      etag: object.etag,
      start: offset,
      end: next?.offset ?? object.size,
      line,
      lines: counted,
    };
  });
}
