import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { OdpsTargetColumn } from "./cells/cell-encoder.js";
import { cellTypes } from "./cells/cell-reader.js";
import { isWritable } from "./cells/encoder-of.js";
import type { OdpsClient } from "./client.js";
import type { KeyFormat } from "./key-format.js";
import { leafSpec, parsePartitionSpec, type SpecPart } from "./partition-spec.js";
import {
  describeOdpsTable,
  type OdpsTableColumn,
  type OdpsTableShape,
  refuseOtherThanTable,
  titleOf,
} from "./table.js";
import type { OdpsWriteParams } from "./write-params.js";

/** Where the cells of a record go: into a column, or into the name of its partition. */
export type CellDestination =
  | { readonly kind: "column"; readonly column: OdpsTargetColumn }
  /** `key` = place among the table's keys; `format` = how dates become its values. */
  | { readonly kind: "key"; readonly key: number; readonly name: string; readonly format: KeyFormat | null };

/** A table that is about to be written. */
export interface OdpsTarget {
  readonly shape: OdpsTableShape;
  readonly title: string;
  /** In the order of the job. */
  readonly destinations: readonly CellDestination[];
  /** The one partition of the run, empty for a table without; null = each record tells its own. */
  readonly partition: readonly SpecPart[] | null;
}

/** Looks at the target. @throws UserError for what cannot be written */
export async function inspectOdpsTarget(client: OdpsClient, params: OdpsWriteParams): Promise<OdpsTarget> {
  const shape = await describeOdpsTable(client, params);
  refuseOtherThanTable(client, shape);
  const title = titleOf(client, shape);
  const destinations = destinationsOf(shape, params, title);
  const keys = shape.keys.map(({ name }) => name);
  const isDynamic = destinations.some(({ kind }) => kind === "key");
  if (isDynamic) return { shape, title, destinations, partition: null };
  return { shape, title, destinations, partition: leafSpec(parsePartitionSpec(params.partition ?? ""), keys, title) };
}

function destinationsOf(shape: OdpsTableShape, params: OdpsWriteParams, title: string): CellDestination[] {
  const isAll = params.column[0] === "*";
  const wanted = isAll ? shape.columns.map(({ name }) => name) : params.column.map((name) => name.toLowerCase());
  // With supportDynamicPartition DataX takes the keys behind all columns.
  const keysBehind = isAll && params.supportDynamicPartition ? shape.keys.map(({ name }) => name) : [];
  const formats = new Map(params.partitionColumnMapping.map((format) => [format.name.toLowerCase(), format]));
  const found = [...wanted, ...keysBehind].map((name): CellDestination => {
    const key = shape.keys.findIndex((one) => one.name === name);
    if (key >= 0) return { kind: "key", key, name, format: formats.get(name) ?? null };
    const at = shape.columns.findIndex((one) => one.name === name);
    const column = shape.columns[at];
    if (!column)
      return refuse(`${title} has no column ${name}; there are ${shape.columns.map((one) => one.name).join(", ")}`);
    return { kind: "column", column: targetColumn(column, at + 1) };
  });
  checkKeys(found, shape, params);
  return found;
}

function refuse(message: string): never {
  throw new UserError("CONFIG_INVALID", `column: ${message}`, { path: "column" });
}

function targetColumn({ name, type, typeText, nullable }: OdpsTableColumn, number: number): OdpsTargetColumn {
  if (type && isWritable(type)) return { name, type, number, nullable };
  throw new UserError("UNSUPPORTED", `column: ${name} is ${typeText}, which is not written here; leave it out`, {
    path: "column",
  });
}

/** All keys of the partitions, or none. */
function checkKeys(
  destinations: readonly CellDestination[],
  { keys }: OdpsTableShape,
  { partition, partitionColumnMapping }: OdpsWriteParams,
): void {
  const named = destinations.flatMap((one) => (one.kind === "key" ? [one.name] : []));
  const odd = partitionColumnMapping.find(({ name }) => !named.includes(name.toLowerCase()));
  if (odd) {
    const message = `partitionColumnMapping: ${odd.name} is no key of the partitions among the columns; these are ${named.join(", ") || "none"}`;
    throw new UserError("CONFIG_INVALID", message, { path: "partitionColumnMapping" });
  }
  if (named.length === 0) return;
  const missing = keys.find(({ name }) => !named.includes(name));
  if (missing)
    refuse(`${named.join(", ")} of the partition is among the columns, so ${missing.name} must be there as well`);
  if (partition !== null)
    refuse(
      `${named.join(", ")} tells the partition of each record, and partition names one for all: choose one of them`,
    );
}

/** The columns of a target as the rest of the job sees them. */
export function columnsOf({ destinations, shape }: OdpsTarget): readonly Column[] {
  return destinations.map((one): Column => {
    if (one.kind === "key")
      return { name: one.name, type: "string", nativeType: shape.keys[one.key]?.typeText ?? "string" };
    const { name, type } = one.column;
    const typeText = shape.columns[one.column.number - 1]?.typeText ?? type.kind;
    const column = { name, type: cellTypes[type.kind], nativeType: typeText };
    return type.kind === "timestamp" || type.kind === "datetime" ? { ...column, isMoment: true } : column;
  });
}
