import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { cellTypes } from "./cells/cell-reader.js";
import type { OdpsTableColumn, OdpsTableShape } from "./table.js";

/** Where the cells of an output column come from. */
export type CellOrigin =
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "constant"; readonly value: string | null };

/** An output column. */
export interface OdpsOutput {
  readonly column: Column;
  readonly origin: CellOrigin;
}

/**
 * The reader's columns: names, keys of partitions, constants in quotes, or all columns of the table; these have no keys of partitions among
 * them, as in DataX.
 *
 * @throws UserError for a column that is not there, or that cannot be read
 */
export function outputsOf(shape: OdpsTableShape, names: readonly string[], title: string): readonly OdpsOutput[] {
  if (names[0] === "*" && names.length === 1) return shape.columns.map((column) => columnOutput(column));
  return names.map((name, at) => {
    const constant = constantOf(name);
    if (constant !== undefined)
      return { column: { name: `c${at}`, type: "string" }, origin: { kind: "constant", value: constant } };
    const wanted = name.replace(/^`(.*)`$/, "$1").toLowerCase();
    const column = shape.columns.find((one) => one.name === wanted);
    if (column) return columnOutput(column);
    const key = shape.keys.find((one) => one.name === wanted);
    if (key) return { column: keyColumn(key), origin: { kind: "key", name: wanted } };
    const there = [...shape.columns, ...shape.keys].map((one) => one.name).join(", ");
    const message = `column: ${title} has no column ${name}; there are ${there}; a constant stands in quotes: '${name}'`;
    throw new UserError("CONFIG_INVALID", message, { path: "column" });
  });
}

/** `'text'`, or the word null; undefined = no constant. */
function constantOf(name: string): string | null | undefined {
  if (/^null$/i.test(name)) return null;
  return /^'([\s\S]*)'$/.exec(name)?.[1];
}

function keyColumn({ name, typeText }: OdpsTableColumn): Column {
  return { name, type: /int$/i.test(typeText) ? "long" : "string", nativeType: typeText };
}

function columnOutput({ name, type, typeText }: OdpsTableColumn): OdpsOutput {
  if (!type)
    throw new UserError("UNSUPPORTED", `column: ${name} is ${typeText}, which is not read here; leave it out`, {
      path: "column",
    });
  const column: Column = { name, type: cellTypes[type.kind], nativeType: typeText };
  const isMoment = type.kind === "datetime" || type.kind === "timestamp";
  return { column: isMoment ? { ...column, isMoment: true } : column, origin: { kind: "column", name } };
}
