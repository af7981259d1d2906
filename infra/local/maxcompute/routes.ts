import type { OdpsOperation } from "./call.js";
import { lookAtDownload, readRecords, serveBeginDownload } from "./download.js";
import { OdpsError } from "./errors.js";
import { createInstance, describeInstance, listInstances, stopOdpsInstance } from "./instances.js";
import {
  describePartition,
  describeProject,
  describeTenant,
  listSchemas,
  putProject,
  servePartitions,
  serveTableMeta,
  serveTables,
  tunnelEndpoint,
} from "./metadata.js";
import { serveBeginUpload, serveCommitUpload, servePutBlock, serveUploadState } from "./upload.js";

/** Every operation by a name of ours: the service's have none. */
const operations = {
  BeginDownload: serveBeginDownload,
  BeginUpload: serveBeginUpload,
  CommitUpload: serveCommitUpload,
  CreateInstance: createInstance,
  DescribePartition: describePartition,
  DescribeProject: describeProject,
  DescribeTable: serveTableMeta,
  DescribeTenant: describeTenant,
  FindTunnel: tunnelEndpoint,
  ListInstances: listInstances,
  ListPartitions: servePartitions,
  ListSchemas: listSchemas,
  ListTables: serveTables,
  LookAtDownload: lookAtDownload,
  LookAtInstance: describeInstance,
  LookAtUpload: serveUploadState,
  PutBlock: servePutBlock,
  PutProject: putProject,
  ReadRecords: readRecords,
  StopInstance: stopOdpsInstance,
} as const satisfies Record<string, OdpsOperation>;

/** The name of an operation. */
export type OdpsOperationName = keyof typeof operations;

/** What a path names; absent parts are empty. */
export interface Resource {
  readonly level: "tenant" | "project" | "tunnel" | "schemas" | "tables" | "table" | "instances" | "instance";
  readonly project: string;
  readonly schema: string | null;
  readonly table: string;
  readonly instance: string;
}

/** By level, then `METHOD selectors`. The first route whose selectors are all there is the one. */
const routes: Readonly<Record<Resource["level"], readonly (readonly [string, OdpsOperationName])[]>> = {
  tenant: [["GET", "DescribeTenant"]],
  project: [
    ["GET", "DescribeProject"],
    ["PUT", "PutProject"],
  ],
  tunnel: [["GET", "FindTunnel"]],
  schemas: [["GET", "ListSchemas"]],
  tables: [["GET", "ListTables"]],
  instances: [
    ["POST", "CreateInstance"],
    ["GET", "ListInstances"],
  ],
  instance: [
    ["POST downloads", "BeginDownload"],
    ["GET data downloadid", "ReadRecords"],
    ["GET downloadid", "LookAtDownload"],
    ["GET", "LookAtInstance"],
    ["PUT", "StopInstance"],
  ],
  table: [
    ["POST uploads", "BeginUpload"],
    ["POST downloads", "BeginDownload"],
    ["PUT uploadid blockid", "PutBlock"],
    ["POST uploadid", "CommitUpload"],
    ["GET uploadid", "LookAtUpload"],
    ["GET data downloadid", "ReadRecords"],
    ["GET downloadid", "LookAtDownload"],
    ["GET partitions", "ListPartitions"],
    ["GET partition", "DescribePartition"],
    ["GET", "DescribeTable"],
  ],
};

/** Parameters of the table's interface that no route has, and that must not be passed over. */
const unsupported = ["streams", "upserts", "slotid", "preview", "reads", "stream"];

/** Operations whose refusals are JSON. */
const tunnelNames: ReadonlySet<string> = new Set<OdpsOperationName>([
  ...(["BeginUpload", "PutBlock", "CommitUpload", "LookAtUpload"] as const),
  ...(["BeginDownload", "LookAtDownload", "ReadRecords"] as const),
]);

/** In which form an operation refuses; null = none was found. PyODPS reads either. */
export function formOf(name: OdpsOperationName | null): "rest" | "tunnel" {
  return name !== null && tunnelNames.has(name) ? "tunnel" : "rest";
}

/**
 * What a path names. Whatever stands before `/projects` belongs to the endpoint.
 *
 * @throws OdpsError when it names nothing here
 */
export function resourceOf(path: string): { resource: Resource; signed: string } {
  const at = path.search(/\/(projects|tenants)(\/|$)/);
  const signed = at < 0 ? path : path.slice(at);
  const [, root = "", project = "", ...rest] = signed.split("/");
  const found = root === "tenants" ? resource("tenant", "", {}) : within(project.toLowerCase(), rest);
  if (!found) throw new OdpsError("NoSuchObject", `Nothing is at ${path}`);
  return { resource: found, signed };
}

function within(project: string, [kind, name = "", ...rest]: readonly string[]): Resource | null {
  if (project === "") return null;
  if (kind === undefined) return resource("project", project, {});
  if (kind === "schemas" && name !== "" && rest.length > 0) {
    const inner = within(project, rest);
    return inner && { ...inner, schema: name.toLowerCase() };
  }
  if (kind === "tunnel") return resource("tunnel", project, {});
  if (kind === "schemas") return resource("schemas", project, {});
  if (kind === "tables" && name === "") return resource("tables", project, {});
  if (kind === "tables") return resource("table", project, { table: name.toLowerCase() });
  if (kind === "instances" && name === "") return resource("instances", project, {});
  return kind === "instances" ? resource("instance", project, { instance: name }) : null;
}

function resource(
  level: Resource["level"],
  project: string,
  { table = "", instance = "" }: { table?: string; instance?: string },
): Resource {
  return { level, project, schema: null, table, instance };
}

/** The operation that a request asks for. @throws OdpsError MethodNotAllowed */
export function odpsOperationOf(
  method: string,
  level: Resource["level"],
  query: Readonly<Record<string, string>>,
): { name: OdpsOperationName; run: OdpsOperation } {
  const odd = level === "table" || level === "instance" ? unsupported.find((one) => one in query) : undefined;
  if (odd) throw new OdpsError("MethodNotAllowed", `The local MaxCompute does not implement ${odd}`);
  if ("arrow" in query && method !== "GET")
    throw new OdpsError("MethodNotAllowed", "The local MaxCompute takes no uploads as Arrow: write records");
  for (const [route, name] of routes[level]) {
    const [wanted, ...selectors] = route.split(" ");
    if (wanted === method && selectors.every((one) => one in query)) return { name, run: operations[name] };
  }
  throw new OdpsError("MethodNotAllowed", `${method} is not allowed here`);
}
