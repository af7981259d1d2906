/** One column of a text table. */
export interface TextTableColumn<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  /** Numbers stand on the right. */
  readonly right?: boolean;
}

/** Lines of a table: titles, then rows, two blanks between columns, nothing after the last. */
export function tableLines<T>(rows: readonly T[], columns: readonly TextTableColumn<T>[]): string[] {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map(({ value }) => oneLine(value(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const pad = (cell: string, i: number): string =>
    columns[i]?.right ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  return cells.map((line) => line.map(pad).join("  ").trimEnd());
}

/** Line ends in data would look like rows of their own. */
function oneLine(cell: string): string {
  return cell.replace(/[\r\n\t]+/g, " ");
}

/** Text cut to a width, with an ellipsis where something is missing; line breaks become blanks. */
export function fitText(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
