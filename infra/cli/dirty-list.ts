import type { KeptDirtyRecord } from "../../shared/model/dirty-record.js";
import { fitText, tableLines } from "./table.js";

/** How wide a record's cells are shown. */
const CELLS_WIDTH = 60;

/** A table of dirty records: where each stands, why it was refused, and the record itself. */
export function dirtyLines(records: readonly KeptDirtyRecord[]): string[] {
  return tableLines(records, [
    { title: "where", value: ({ key, split }) => key ?? `split ${split}` },
    { title: "side", value: ({ side }) => side },
    { title: "reason", value: ({ reason, column }) => (column === null ? reason : `${reason} in ${column}`) },
    { title: "message", value: ({ message }) => fitText(message, 90) },
    { title: "record", value: ({ cells }) => fitText(cells.map(cellText).join(","), CELLS_WIDTH) },
  ]);
}

function cellText(cell: KeptDirtyRecord["cells"][number]): string {
  if (cell === null) return "NULL";
  if (typeof cell !== "string") return `base64:${cell.base64}`;
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
