import { type BodyStart, bodyStart } from "../body-start.js";
import { type CsvCuts, type Cut, csvCuts } from "../csv-cuts.js";
import { cutsAnywhere, lineCuts } from "../line-cuts.js";
import { dialectOf } from "../quoted.js";
import type { ReadFormat } from "../read-format.js";
import type { CutPlan, FileBytes, FilePiece } from "./format.js";

/** Headers are looked for in so many bytes first. */
const HEAD_BYTES = 128 * 1024;

/** Cuts a file of uncompressed UTF-8 into pieces that begin where a line begins; null = it cannot be, or not safely. */
export async function cutText(
  file: FileBytes,
  format: ReadFormat,
  plan: CutPlan,
): Promise<readonly FilePiece[] | null> {
  if (!needsLook(format)) return await piecesByLines(file, format, plan);
  const found = await lookThrough(file, format, plan);
  return found && piecesAt(file, found.cuts, found.lines);
}

/** True when only the quotes from the start of a file on tell whether a line end ends a record. */
function needsLook({ quote, safeSplit }: ReadFormat): boolean {
  return quote !== null && !safeSplit;
}

async function piecesByLines(file: FileBytes, { terminator }: ReadFormat, plan: CutPlan): Promise<FilePiece[]> {
  const read = (start: number, end: number) => readAll(file.range(start, end));
  const { pieceBytes } = plan;
  const cuts = cutsAnywhere(terminator) ? await lineCuts(read, { size: file.size, terminator, pieceBytes }) : [];
  return piecesAt(file, cuts, null);
}

async function lookThrough(file: FileBytes, format: ReadFormat, plan: CutPlan): Promise<CsvCuts | null> {
  const { budget, warn, pieceBytes } = plan;
  const { quote, comment, delimiter } = format;
  if (quote === null || comment !== null || delimiter.length > 1) return null;
  if (file.size > budget.left) {
    warn(
      `${file.name} is read whole: more than 4 GiB of CSV; csvReaderConfig.safeSplit: true splits it if no cell holds a line end`,
    );
    return null;
  }
  budget.left -= file.size;
  const body = await bodyOf(file, format);
  const source = file.range(body.offset, file.size);
  const found = await csvCuts(source, { dialect: dialectOf({ ...format, quote }), pieceBytes, body });
  if (found.unclosedAt !== null)
    warn(`${file.name}: a quote at byte ${found.unclosedAt} is never closed; not split behind it`);
  return found;
}

async function bodyOf(file: FileBytes, format: ReadFormat): Promise<BodyStart> {
  for (let bytes = HEAD_BYTES; ; bytes *= 4) {
    const end = Math.min(bytes, file.size);
    const body = bodyStart(await readAll(file.range(0, end)), format, { isLast: end === file.size });
    if (body) return body;
  }
}

function piecesAt(file: FileBytes, cuts: readonly Cut[], lines: number | null): FilePiece[] {
  const starts: Cut[] = [{ offset: 0, line: 1 }, ...cuts];
  return starts.map(({ offset, line }, i) => {
    const next = starts[i + 1];
    const lastLine = next ? next.line : lines === null ? null : lines + 1;
    const counted = line === null || lastLine === null || (i === 0 && next?.line === null) ? null : lastLine - line;
    return {
      start: offset,
      end: next?.offset ?? file.size,
      line,
      lines: counted,
    };
  });
}

async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
