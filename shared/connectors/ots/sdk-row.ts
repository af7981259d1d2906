import TableStore, { type BatchWriteRowParams, type CellValue } from "tablestore";
import type { Cell } from "../../model/batch.js";
import type { OtsTargetColumn } from "./write-columns.js";

/** What happens to a row that is there already: replaced, or changed where the record has columns. */
export type OtsWriteMode = "PutRow" | "UpdateRow";

/** How records become rows of a table. */
export interface RowTarget {
  readonly keys: readonly OtsTargetColumn[];
  readonly columns: readonly OtsTargetColumn[];
  readonly mode: OtsWriteMode;
}

/** A row of BatchWriteRow. */
export type OtsSdkRow = BatchWriteRowParams["tables"][number]["rows"][number];

const anyRow = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null);

/**
 * A row in the form that the SDK takes. Nulls are left out of a put row and deleted by an update.
 *
 * @param cells  keys first, converted to the target's types and checked
 */
export function sdkRow({ keys, columns, mode }: RowTarget, cells: readonly Cell[]): OtsSdkRow {
  const primaryKey = keys.map((key, place) => ({ [key.name]: sdkValue(cells[place] ?? null, key) }));
  const put: { [name: string]: CellValue }[] = [];
  const gone: string[] = [];
  let place = keys.length;
  for (const column of columns) {
    const value = sdkValue(cells[place++] ?? null, column);
    if (value === null) gone.push(column.name);
    else put.push(column.name === "timestamp" ? timestampColumn(value, mode) : { [column.name]: value });
  }
  // The types reserve the name `timestamp` for the cell's version, see timestampColumn.
  if (mode === "PutRow") return { type: "PUT", condition: anyRow, primaryKey, attributeColumns: put } as OtsSdkRow;
  const attributeColumns = [
    ...(put.length > 0 ? [{ PUT: put }] : []),
    ...(gone.length > 0 ? [{ DELETE_ALL: gone }] : []),
  ];
  return { type: "UPDATE", condition: anyRow, primaryKey, attributeColumns } as OtsSdkRow;
}

function sdkValue(cell: Cell, { type }: OtsTargetColumn): CellValue {
  if (typeof cell !== "string") return cell;
  switch (type) {
    case "INT":
      return TableStore.Long.fromString(cell);
    case "DOUBLE":
      return Number(cell);
    case "BOOL":
      return cell === "true";
    default:
      return cell;
  }
}

/** In which of its looks at a column the encoder of tablestore 5.6.5 wants the value; in the others, the cell's version. */
const valueReads = { PutRow: [false, true, true, false], UpdateRow: [true, false, true] } as const;

/**
 * A column named `timestamp`. The SDK takes a member of this name for the version of the cell, so it is shown
 * only when the encoder asks for the value.
 */
function timestampColumn(value: CellValue, mode: OtsWriteMode): { [name: string]: CellValue } {
  let reads = 0;
  return {
    get timestamp() {
      const isValue = valueReads[mode][reads++ % valueReads[mode].length];
      return (isValue ? value : undefined) as CellValue; // undefined is how the SDK sees that there is no version
    },
  };
}
