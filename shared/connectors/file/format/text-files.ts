import { promisify } from "node:util";
import { gzip, gzipSync } from "node:zlib";
import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import { decoded, isSeekable, skipBytes } from "../decode.js";
import { encoderFor } from "../encode.js";
import { namesOfFirstRecord } from "../first-record.js";
import { allColumns, listedColumns, type ReadColumns } from "../outputs.js";
import { lastBatch, readPiece } from "../read-file.js";
import type { ReadFormat } from "../read-format.js";
import type { FileColumn, FileReadParams } from "../read-shape.js";
import { startScan } from "../scan.js";
import type { WriteFormat } from "../write-format.js";
import type { FileWriteParams } from "../write-shape.js";
import type {
  FileBytes,
  FileFormat,
  FilePiece,
  FileReading,
  FileWriting,
  PieceReader,
  WrittenRecords,
} from "./format.js";
import { cutText } from "./text-pieces.js";

const compressed = promisify(gzip);

/** What differs between the formats whose files are lines. */
export interface TextRules {
  /** @throws UserError as of {@link FileFormat} */
  readFormat(params: FileReadParams): ReadFormat;
  /** As of `readFormat`. */
  writeFormat(params: FileWriteParams, records: WrittenRecords): WriteFormat;
}

/** A format whose files are lines; also compressed, and in another encoding. */
export function textFormat({ readFormat, writeFormat }: TextRules): FileFormat {
  return {
    reading: (params, timeZone) => reading(readFormat(params), params, timeZone),
    writing: (params, records) => writing(writeFormat(params, records), records),
  };
}

function reading(format: ReadFormat, { column }: FileReadParams, timeZone: string | null): FileReading {
  const columnsOf = (found: readonly Column[] | null): ReadColumns | null => {
    if (column[0] !== "*") return listedColumns(column as readonly FileColumn[], format, timeZone);
    return found && allColumns(found.map(({ name }) => name));
  };
  return {
    columns: (found) => columnsOf(found)?.outputs.map((output) => output.column) ?? null,
    async lookAt(file) {
      const { names, hasRecord } = await namesOfFirstRecord(
        decoded(file.range(0, file.size), format, file.name),
        format,
      );
      return { columns: names.map((name) => ({ name, type: "string" })), hasRecord };
    },
    cut: async (file, plan) => (isSeekable(format) ? cutText(file, format, plan) : null),
    start(found) {
      const columns = columnsOf(found);
      if (columns) return pieceReader(format, columns);
      throw new UserError("CONFIG_INVALID", "the split was made for another list of columns", { path: "column" });
    },
  };
}

/** A position in a piece: offset in the decoded text of the file, line number. */
interface Position {
  readonly offset: number;
  readonly line: number | null;
}

function pieceReader(format: ReadFormat, columns: ReadColumns): PieceReader {
  const scan = startScan(format, columns.outputs, columns);
  let rest = () => lastBatch(scan, null);
  return {
    async *read(file, piece, { from, checkpoint }) {
      const { offset, line } = (from as unknown as Position | null) ?? { offset: piece.start, line: piece.line }; // made below
      const start = { object: file.name, offset, line };
      const place = (at: number, atLine: number | null) => checkpoint({ offset: at, line: atLine });
      rest = () => lastBatch(scan, place(scan.offset, scan.line));
      yield* readPiece(scan, start, { bytes: textOf(file, piece, { format, offset }), checkpoint: place });
    },
    rest: () => rest(),
  };
}

/** The decoded text of a piece from a position on. Inside a compressed object nobody can jump: what comes before is read and dropped. */
function textOf(
  file: FileBytes,
  piece: FilePiece,
  { format, offset }: { format: ReadFormat; offset: number },
): AsyncIterable<Buffer> {
  if (isSeekable(format)) return file.range(offset, piece.end);
  const text = decoded(file.range(piece.start, piece.end), format, file.name);
  return offset > 0 ? skipBytes(text, offset) : text;
}

function writing(format: WriteFormat, { columns }: WrittenRecords): FileWriting {
  const encoder = encoderFor(format, columns);
  // Each is a gzip member of its own, since several one after the other are one gzip file.
  const zipped = async (bytes: Buffer) => (format.gzip && bytes.length > 0 ? await compressed(bytes) : bytes);
  const begin = () => zipped(encoder.header());
  return {
    frame: async () => ({ header: await begin() }),
    async add(batch) {
      const { bytes, dirty } = encoder.linesOfBatch(batch);
      return { bytes: await zipped(bytes), dirty };
    },
    async emptyFile() {
      const header = await begin();
      // An empty gzip file is not an empty one.
      return header.length === 0 && format.gzip ? gzipSync(header) : header;
    },
  };
}
