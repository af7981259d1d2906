import type { Batch, Cell, Column, DataRecord, DirtyRecord } from "../../model/batch.js";
import { type Conversion, type ConvertOptions, convertCell } from "../../model/convert.js";
import { packedLines, writesPacked } from "./encode-packed.js";
import type { WriteFormat } from "./write-format.js";

/** Turns records into lines of a file. Make one per split. */
export interface Encoder {
  /** The header line, empty without one. */
  header(): Buffer;
  /** The lines of these records; those that cannot be expressed are dirty instead. */
  lines(rows: readonly DataRecord[]): { bytes: Buffer; dirty: DirtyRecord[] };
  /** The same for a whole batch; packed ones stay packed where the format allows that. */
  linesOfBatch(batch: Batch): { bytes: Buffer; dirty: DirtyRecord[] };
}

/** Makes the encoder for records with these columns. */
export function encoderFor(format: WriteFormat, columns: readonly Column[]): Encoder {
  const texts = columns.map((column) => cellText(format, column));
  const { line, refuses } = format;
  const canPack = writesPacked(format, columns);
  const lines: Encoder["lines"] = (rows) => {
    const dirty: DirtyRecord[] = [];
    const kept: Line[] = [];
    for (const cells of rows) {
      const found = clearTexts(textsOf(cells, columns, texts), columns, format);
      if (Array.isArray(found)) kept.push({ text: line(found), texts: found, cells });
      else dirty.push({ side: "writer", reason: "CONVERSION", ...found, cells });
    }
    const whole = bytesOf(kept.map(({ text }) => text).join(""), format);
    return whole ? { bytes: whole, dirty } : oneByOne(kept, { columns, format, dirty });
  };
  return {
    header: () => headerBytes(format),
    lines,
    linesOfBatch(batch) {
      const { packed } = batch;
      if (!packed || !canPack || batch.columns.length !== columns.length) return lines(batch.rows);
      if (refuses?.any(packed.data)) return lines(batch.rows);
      return { bytes: packedLines(packed, columns.length, format), dirty: [] };
    },
  };
}

function headerBytes({ header, encoding, line }: WriteFormat): Buffer {
  const text = header ? line(header) : "";
  return encoding ? Buffer.concat([encoding.mark, encoding.encode(text) ?? Buffer.alloc(0)]) : Buffer.from(text);
}

/** A record as a line, not yet in the file's encoding. */
interface Line {
  readonly text: string;
  readonly texts: readonly (string | null)[];
  readonly cells: DataRecord;
}

/** Null when the encoding has not all the characters. */
function bytesOf(text: string, { encoding }: WriteFormat): Buffer | null {
  return encoding ? encoding.encode(text) : Buffer.from(text, "utf8");
}

/** Lines of which some hold a character that the encoding has not: those are dirty. */
function oneByOne(
  lines: readonly Line[],
  { columns, format, dirty }: { columns: readonly Column[]; format: WriteFormat; dirty: DirtyRecord[] },
): ReturnType<Encoder["lines"]> {
  const good: Buffer[] = [];
  for (const { text, texts, cells } of lines) {
    const bytes = bytesOf(text, format);
    if (bytes) {
      good.push(bytes);
      continue;
    }
    const column = columns[texts.findIndex((one) => one !== null && bytesOf(one, format) === null)];
    const message = "the cell holds a character that the encoding of the file has not";
    dirty.push({ side: "writer", reason: "CONVERSION", message, ...(column && { column: column.name }), cells });
  }
  return { bytes: Buffer.concat(good), dirty };
}

interface Refused {
  readonly message: string;
  readonly column: string;
}

/** A cell as text; null = a null; an object = it has no text. */
type CellText = (cell: string | Buffer) => string | { readonly refused: string };

function textsOf(
  cells: DataRecord,
  columns: readonly Column[],
  texts: readonly CellText[],
): (string | null)[] | Refused {
  const found: (string | null)[] = [];
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as Cell; // i < length
    const text = cell === null ? null : (texts[i]?.(cell) ?? String(cell));
    if (text !== null && typeof text === "object")
      return { message: text.refused, column: columns[i]?.name ?? `c${i}` };
    found.push(text);
  }
  return found;
}

/** Refuses a record that would be read as another one. */
function clearTexts(
  found: (string | null)[] | Refused,
  columns: readonly Column[],
  { refuses }: WriteFormat,
): (string | null)[] | Refused {
  if (refuses === null || !Array.isArray(found)) return found;
  for (const [i, text] of found.entries()) {
    const message = text === null ? null : refuses.cell(text);
    if (message !== null) return { message, column: columns[i]?.name ?? `c${i}` };
  }
  return found;
}

function cellText(format: WriteFormat, { type }: Column): CellText {
  const { base64, dateFormat, timeZone } = format;
  const options: ConvertOptions = {
    ...(dateFormat === null ? {} : { dateFormat }),
    ...(timeZone === null ? {} : { timeZone }),
  };
  const toText: Conversion = { to: "string", options };
  const bytesText: CellText = (cell) =>
    base64 && Buffer.isBuffer(cell) ? cell.toString("base64") : converted(cell, "bytes", toText);
  if (type === "bytes") return bytesText;
  if (type === "date" && dateFormat !== null) return (cell) => converted(cell, "date", toText);
  return (cell) => (typeof cell === "string" ? cell : bytesText(cell));
}

function converted(cell: string | Buffer, from: "bytes" | "date", toText: Conversion): ReturnType<CellText> {
  if (from === "bytes" && typeof cell === "string") return cell;
  const found = convertCell(cell, from, toText);
  return found.ok ? String(found.cell) : { refused: found.message };
}
