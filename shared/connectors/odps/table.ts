import { z } from "zod";
import { UserError } from "../../model/errors.js";
import type { OdpsClient } from "./client.js";
import type { SpecPart } from "./partition-spec.js";
import { parseType, type WireType } from "./wire/column-type.js";
import { tags, textOfTag } from "./xml.js";

/** Where a table is. */
export interface TablePlace {
  /** Null = the project has none, or its default one. */
  readonly schema: string | null;
  readonly table: string;
}

/** A column, or a key of partitions. */
export interface OdpsTableColumn {
  /** In lower case. */
  readonly name: string;
  readonly typeText: string;
  readonly type: WireType | null;
  readonly nullable: boolean;
  readonly comment: string;
}

/** What the service tells of a table. */
export interface OdpsTableShape extends TablePlace {
  /** Such as MANAGED_TABLE or VIRTUAL_VIEW. */
  readonly kind: string;
  readonly columns: readonly OdpsTableColumn[];
  readonly keys: readonly OdpsTableColumn[];
  /** Bytes as stored. */
  readonly bytes: number | null;
}

const column = z.object({
  name: z.string(),
  type: z.string(),
  comment: z.string().nullish(),
  isNullable: z.boolean().optional(),
  nullable: z.boolean().optional(),
});

/** Columns as both the REST interface and the tunnel's sessions tell them. */
export const schemaShape = z.object({
  columns: z.array(column),
  partitionKeys: z.array(column).optional(),
  size: z.number().optional(),
});

/** A column as it was told. */
export function tableColumn(given: z.infer<typeof column>): OdpsTableColumn {
  const { name, type: typeText, comment, isNullable, nullable } = given;
  const isOptional = isNullable ?? nullable ?? true;
  return {
    name: name.toLowerCase(),
    typeText,
    type: parseType(typeText),
    nullable: isOptional,
    comment: comment ?? "",
  };
}

/** The parameter that names a schema to the REST interface. */
export function schemaQuery(schema: string | null): Readonly<Record<string, string>> {
  return schema === null ? {} : { curr_schema: schema };
}

function tableResource({ source }: OdpsClient, table: string): string {
  return `/projects/${source.project}/tables/${table}`;
}

/** For people: `project.table`. */
export function titleOf({ source }: OdpsClient, { schema, table }: TablePlace): string {
  return [source.project, schema, table].filter((part) => part !== null).join(".");
}

/** Asks for a table. @throws UserError SOURCE_OBJECT_MISSING */
export async function describeOdpsTable(client: OdpsClient, place: TablePlace): Promise<OdpsTableShape> {
  const query = schemaQuery(place.schema);
  const what = `table ${titleOf(client, place)}`;
  const { text } = await client.rest(what, { method: "GET", resource: tableResource(client, place.table), query });
  const { columns, partitionKeys = [], size } = schemaShape.parse(JSON.parse(textOfTag(text, "Schema") ?? "{}"));
  const kind = textOfTag(text, "Type") ?? "MANAGED_TABLE";
  return {
    ...place,
    kind,
    columns: columns.map(tableColumn),
    keys: partitionKeys.map(tableColumn),
    bytes: size ?? null,
  };
}

/** Refuses what the tunnel does not read or write. */
export function refuseOtherThanTable(client: OdpsClient, shape: OdpsTableShape): void {
  if (shape.kind === "MANAGED_TABLE" || shape.kind === "") return;
  const message = `${titleOf(client, shape)} is a ${shape.kind.toLowerCase().replaceAll("_", " ")}, not a table; choose a table, or have MaxCompute write one`;
  throw new UserError("UNSUPPORTED", message, { path: "table" });
}

/** All partitions of a table, each as values of its keys in order. */
export async function listOdpsPartitions(
  client: OdpsClient,
  shape: OdpsTableShape,
): Promise<readonly (readonly SpecPart[])[]> {
  const found: SpecPart[][] = [];
  let marker = "";
  do {
    const query = {
      partitions: "",
      expectmarker: "true",
      ...schemaQuery(shape.schema),
      ...(marker !== "" && { marker }),
    };
    const what = `partitions of ${titleOf(client, shape)}`;
    const { text } = await client.rest(what, { method: "GET", resource: tableResource(client, shape.table), query });
    for (const inner of tags(text, "Partition")) found.push(specOf(inner));
    marker = textOfTag(text, "Marker") ?? "";
  } while (marker !== "");
  return found;
}

function specOf(inner: string): SpecPart[] {
  const attribute = (tag: string, name: string) =>
    textOfTag(`<v>${new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? ""}</v>`, "v") ?? "";
  return [...inner.matchAll(/<Column\s[^<>]*>/g)].map(([tag]) => [
    attribute(tag, "Name").toLowerCase(),
    attribute(tag, "Value"),
  ]);
}
