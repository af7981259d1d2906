import { XMLParser } from "fast-xml-parser";
import { element, wrap } from "../oss/xml.js";
import type { Store } from "../store/store.js";
import { httpDate, type Maxcompute, type OdpsCall, readBodyText } from "./call.js";
import { OdpsError } from "./errors.js";
import { nameOfKey, odpsKeyBoundsOf, odpsRowKey } from "./keys.js";
import { canonicalSpec, leafValues, parseServedSpec } from "./partition-spec.js";
import { cdata, jsonReply, type OdpsReply, odpsXmlReply } from "./reply.js";
import {
  bytesOf,
  type ColumnRow,
  DEFAULT_SCHEMA,
  encodeOdpsRow,
  type LeafRow,
  type ProjectRow,
  recordsOf,
  requireLeaf,
  requireTable,
  rowAt,
  type TableRow,
} from "./rows.js";

const OWNER = "ALIYUN$local";
/** A project that is there from the start. */
export const FIRST_PROJECT = "sluice_dev";
/** The property by which a project has schemas. */
const SCHEMA_MODEL = "odps.schema.model.enabled";

/** The project. @throws OdpsError ODPS-0420111 */
export function requireProject(store: Pick<Store, "get">, project: string): ProjectRow {
  const row = rowAt<ProjectRow>(store, odpsRowKey("project", project));
  if (row) return row;
  if (project === FIRST_PROJECT) return { created: 0, properties: {} };
  throw new OdpsError("ODPS-0420111", `ODPS-0420111:Project not found - '${project}'`);
}

/** Whether the project has schemas below it. */
export function hasSchemas({ properties }: ProjectRow): boolean {
  return properties[SCHEMA_MODEL] === "true";
}

/** `GET /projects/P`. */
export function describeProject({ context }: Maxcompute, { project }: OdpsCall): OdpsReply {
  const { created, properties } = requireProject(context.store, project);
  const elements = Object.entries(properties).map(([name, value]) =>
    wrap("Property", element("Name", { text: name }), element("Value", { text: value })),
  );
  const xml = wrap(
    "Project",
    element("Name", { text: project }),
    "<Comment/>",
    element("State", { text: "AVAILABLE" }),
    wrap("Properties", ...elements),
  );
  return odpsXmlReply(xml, ownerHeaders(created));
}

function ownerHeaders(created: number): Record<string, string> {
  return { "x-odps-owner": OWNER, "x-odps-creation-time": httpDate(created), "last-modified": httpDate(created) };
}

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === "Property" });

interface ProjectDocument {
  readonly Project?: { readonly Properties?: { readonly Property?: readonly { Name: string; Value: string }[] } };
}

/** `PUT /projects/P`: sets properties, and makes a project that is not there: in the account the console does that. */
export async function putProject({ context }: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { project } = call;
  if (!/^[a-z][a-z0-9_]{2,27}$/.test(project))
    throw new OdpsError("ODPS-0420061", `ODPS-0420061:Invalid parameter - project name ${project}`);
  const text = await readBodyText(call);
  const { Project } = (text === "" ? {} : parser.parse(text)) as ProjectDocument; // untyped; read with care
  const given = (Project?.Properties?.Property ?? []).map(({ Name, Value }) => [Name, Value] as const);
  await context.store.write((tx) => {
    const row = rowAt<ProjectRow>(tx, odpsRowKey("project", project)) ?? { created: context.now(), properties: {} };
    tx.put(
      odpsRowKey("project", project),
      encodeOdpsRow({ ...row, properties: { ...row.properties, ...Object.fromEntries(given) } }),
    );
  });
  return odpsXmlReply(wrap("Project", element("Name", { text: project })));
}

/** `GET /tenants`. */
export function describeTenant(): OdpsReply {
  return jsonReply({ Tenant: { Name: "local", TenantId: "local", Parameters: { "odps.namespace.schema": "false" } } });
}

/** `GET /projects/P/tunnel?service`: this service is its own tunnel. */
export function tunnelEndpoint({ context }: Maxcompute, { project, host }: OdpsCall): OdpsReply {
  requireProject(context.store, project);
  return { status: 200, headers: { "content-type": "text/plain" }, body: host };
}

/** `GET /projects/P/schemas`. */
export async function listSchemas({ context }: Maxcompute, { project }: OdpsCall): Promise<OdpsReply> {
  requireProject(context.store, project);
  const names = [DEFAULT_SCHEMA];
  for await (const [key] of context.store.range(odpsKeyBoundsOf("schema", project)))
    names.push(nameOfKey(key)[1] ?? "");
  const elements = names.map((name) =>
    wrap("Schema", element("Name", { text: name }), element("Owner", { text: OWNER })),
  );
  return odpsXmlReply(wrap("Schemas", "<Marker/>", element("MaxItems", { text: 1000 }), ...elements));
}

/** `GET /projects/P/tables`. */
export async function serveTables({ context }: Maxcompute, { project, schema, query }: OdpsCall): Promise<OdpsReply> {
  requireProject(context.store, project);
  const { name = "", marker = "" } = query;
  const page = Math.min(Number(query.maxitems) || 1000, 1000);
  const found: TableRow[] = [];
  for await (const [, bytes] of context.store.range(odpsKeyBoundsOf("table", project, schema)))
    found.push(JSON.parse(bytes.toString()) as TableRow); // rows.ts wrote it
  const wanted = found.filter((table) => table.name.startsWith(name.toLowerCase()) && table.name > marker);
  const items = wanted.slice(0, page);
  const elements = items.map((table) =>
    wrap(
      "Table",
      ...["Name", "Project", "Owner", "Type"].map((tag, at) => element(tag, { text: tableFields(table)[at] ?? "" })),
    ),
  );
  const next = wanted.length > page ? (items.at(-1)?.name ?? "") : "";
  return odpsXmlReply(
    wrap("Tables", element("Marker", { text: next }), element("MaxItems", { text: page }), ...elements),
  );
}

function tableFields({ name, project }: TableRow): string[] {
  return [name, project, OWNER, "MANAGED_TABLE"];
}

const seconds = (ms: number) => Math.floor(ms / 1000);

/** `GET /projects/P/tables/T`, with `?extended` more of it. */
export async function serveTableMeta({ context }: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  requireProject(context.store, call.project);
  const table = requireTable(context.store, call, "NoSuchObject");
  const leaves = await leavesOf(context.store, table);
  const size = leaves.reduce((sum, leaf) => sum + bytesOf(leaf), 0);
  const schema = "extended" in call.query ? extended(size) : schemaOf(table, size, leaves);
  const xml = wrap(
    "Table",
    element("Name", { text: table.name }),
    element("Project", { text: table.project }),
    element("TableId", { text: table.id }),
    cdata("Schema", JSON.stringify(schema), ' format="Json"'),
    element("Comment", { text: table.comment }),
    element("Owner", { text: OWNER }),
    element("CreationTime", { text: httpDate(table.created) }),
    element("LastModifiedTime", { text: httpDate(table.modified) }),
    element("Type", { text: "MANAGED_TABLE" }),
  );
  return odpsXmlReply(xml, ownerHeaders(table.created));
}

function extended(size: number): object {
  const Reserved = JSON.stringify({ Transactional: "false", PrimaryKey: [], schema_version: "1" });
  return { IsArchived: false, PhysicalSize: size, FileNum: 1, Reserved };
}

function schemaOf(table: TableRow, size: number, leaves: readonly LeafRow[]): object {
  const column = ({ name, type, comment, nullable }: ColumnRow) => {
    return { name, type, comment, label: "", isNullable: nullable };
  };
  return {
    tableName: table.name,
    comment: table.comment,
    owner: OWNER,
    createTime: seconds(table.created),
    lastModifiedTime: seconds(table.modified),
    lastDDLTime: seconds(table.ddl),
    isVirtualView: false,
    size,
    recordNum: leaves.reduce((sum, leaf) => sum + recordsOf(leaf), 0),
    lifecycle: table.lifecycle,
    tableLabel: "",
    shardExist: false,
    columns: table.columns.map(column),
    partitionKeys: table.keys.map(column),
  };
}

/** All partitions of a table in the order of their names; the whole table where it has none. */
export async function leavesOf(store: Store, table: TableRow): Promise<LeafRow[]> {
  const found: LeafRow[] = [];
  for await (const [, bytes] of store.range(odpsKeyBoundsOf("leaf", table.id)))
    found.push(JSON.parse(bytes.toString()) as LeafRow);
  return found;
}

/** `GET /projects/P/tables/T?partitions`. */
export async function servePartitions({ context }: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { query } = call;
  const table = requireTable(context.store, call, "NoSuchObject");
  const prefix = new Map(query.partition ? parseServedSpec(query.partition) : []);
  const page = Math.min(Number(query.maxitems) || 1000, 1000);
  const all = table.keys.length > 0 ? await leavesOf(context.store, table) : [];
  const matches = all.filter(({ values }) =>
    table.keys.every((key, at) => (prefix.get(key.name) ?? values[at]) === values[at]),
  );
  const ordered = "reverse" in query ? matches.toReversed() : matches;
  const from = Number(query.marker) || 0;
  const elements = ordered.slice(from, from + page).map((leaf) => wrap("Partition", ...partitionFields(table, leaf)));
  const next = from + page < ordered.length ? String(from + page) : "";
  return odpsXmlReply(
    wrap("Partitions", element("Marker", { text: next }), element("MaxItems", { text: page }), ...elements),
  );
}

function partitionFields({ keys }: TableRow, { values, created, modified }: LeafRow): string[] {
  const escaped = (text: string) => element("v", { text }).slice(3, -4);
  return [
    ...keys.map(({ name }, at) => `<Column Name="${escaped(name)}" Value="${escaped(values[at] ?? "")}"/>`),
    element("CreationTime", { text: seconds(created) }),
    element("LastDDLTime", { text: seconds(created) }),
    element("LastModifiedTime", { text: seconds(modified) }),
  ];
}

/** `GET /projects/P/tables/T?partition=`. */
export function describePartition({ context }: Maxcompute, call: OdpsCall): OdpsReply {
  const table = requireTable(context.store, call, "NoSuchObject");
  const values = leafValues(table, parseServedSpec(call.query.partition ?? ""));
  const leaf = requireLeaf(context.store, table, canonicalSpec(table.keys, values));
  const schema = {
    ...extended(bytesOf(leaf)),
    createTime: seconds(leaf.created),
    lastDDLTime: seconds(leaf.created),
    lastModifiedTime: seconds(leaf.modified),
    partitionSize: bytesOf(leaf),
    partitionRecordNum: recordsOf(leaf),
  };
  return odpsXmlReply(wrap("Partition", cdata("Schema", JSON.stringify(schema), ' format="Json"')));
}
