import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../../model/errors.js";
import type { OdpsClient } from "./client.js";
import { MaxcomputeFailure, odpsWorkStopped } from "./failure.js";
import { type SpecPart, tunnelSpec } from "./partition-spec.js";
import { type OdpsTableColumn, schemaShape, type TablePlace, tableColumn, titleOf } from "./table.js";

/** A table or a partition of it, as the tunnel addresses it. */
export interface TunnelPlace extends TablePlace {
  /** Down to the last key; empty = the table has none. */
  readonly partition: readonly SpecPart[];
}

/** An upload session. */
export interface UploadSession {
  readonly id: string;
  readonly status: "normal" | "closed" | "lost";
  readonly columns: readonly OdpsTableColumn[];
  /** Records by block; null = the service does not tell. */
  readonly blocks: ReadonlyMap<number, number | null>;
}

/** A download session. */
export interface DownloadSession {
  readonly id: string;
  readonly records: number;
  readonly columns: readonly OdpsTableColumn[];
}

const uploadAnswer = z.object({
  UploadID: z.string(),
  Status: z.string().default("normal"),
  Schema: schemaShape.optional(),
  UploadedBlockList: z.array(z.object({ BlockID: z.number(), RecordCount: z.number().optional() })).nullish(),
});

const downloadAnswer = z.object({
  DownloadID: z.string(),
  Status: z.string().default("normal"),
  RecordCount: z.number().default(0),
  Schema: schemaShape.optional(),
});

/** Path of a table in the tunnel. */
export function tunnelResource({ source }: OdpsClient, { schema, table }: TablePlace): string {
  const within = schema === null ? "" : `/schemas/${schema}`;
  return `/projects/${source.project}${within}/tables/${table}`;
}

/** The parameter that names a partition. */
export function partitionQuery({ partition }: TunnelPlace): Readonly<Record<string, string>> {
  return partition.length === 0 ? {} : { partition: tunnelSpec(partition) };
}

function nameOf(client: OdpsClient, place: TunnelPlace): string {
  const spec = tunnelSpec(place.partition);
  return `${titleOf(client, place)}${spec === "" ? "" : ` partition ${spec}`}`;
}

/** Begins an upload session; with `overwrites` its commit takes the place of what is there. */
export async function beginUpload(
  client: OdpsClient,
  place: TunnelPlace,
  overwrites: "overwrites" | "adds",
): Promise<UploadSession> {
  const query = { uploads: "", ...partitionQuery(place), ...(overwrites === "overwrites" && { overwrite: "true" }) };
  const resource = tunnelResource(client, place);
  const { text } = await client.tunnel(`upload session of ${nameOf(client, place)}`, {
    method: "POST",
    resource,
    query,
  });
  return uploadOf(text);
}

/** Looks at an upload session; one that is not there any more counts as lost. */
export async function lookAtUpload(client: OdpsClient, place: TunnelPlace, id: string): Promise<UploadSession> {
  const query = { uploadid: id, ...partitionQuery(place), getblockid: "true" };
  const resource = tunnelResource(client, place);
  try {
    const { text } = await client.tunnel(`upload session of ${nameOf(client, place)}`, {
      method: "GET",
      resource,
      query,
    });
    return uploadOf(text);
  } catch (error) {
    const isGone =
      error instanceof UserError && error.cause instanceof MaxcomputeFailure && /^NoSuchUpload/.test(error.cause.code);
    if (isGone) return { id, status: "lost", columns: [], blocks: new Map() };
    throw error;
  }
}

function uploadOf(text: string): UploadSession {
  const { UploadID, Status, Schema, UploadedBlockList } = uploadAnswer.parse(JSON.parse(text));
  const state = Status.toLowerCase();
  const status = state === "normal" || state === "closed" ? state : state === "closing" ? "closed" : "lost";
  const blocks = (UploadedBlockList ?? []).map(({ BlockID, RecordCount }) => [BlockID, RecordCount ?? null] as const);
  return { id: UploadID, status, columns: (Schema?.columns ?? []).map(tableColumn), blocks: new Map(blocks) };
}

/** Sends a block; one of the same number takes the place of the first. */
export async function putBlock(
  client: OdpsClient,
  place: TunnelPlace,
  { id, block, body, encoding }: { id: string; block: number; body: Buffer; encoding: string | null },
): Promise<void> {
  const query = { uploadid: id, blockid: String(block), ...partitionQuery(place) };
  const headers = {
    "content-type": "application/octet-stream",
    ...(encoding !== null && { "content-encoding": encoding }),
  };
  const resource = tunnelResource(client, place);
  await client.tunnel(`block ${block} of ${nameOf(client, place)}`, { method: "PUT", resource, query, headers, body });
}

/** Makes all blocks of a session visible. Repeated after a lost answer it finds the session closed, which is success. */
export async function commitUpload(client: OdpsClient, place: TunnelPlace, id: string): Promise<void> {
  const query = { uploadid: id, ...partitionQuery(place) };
  const resource = tunnelResource(client, place);
  try {
    await client.tunnel(`commit of ${nameOf(client, place)}`, { method: "POST", resource, query });
  } catch (error) {
    const isConflict =
      error instanceof UserError &&
      error.cause instanceof MaxcomputeFailure &&
      /^StatusConflict/.test(error.cause.code);
    if (!isConflict || (await lookAtUpload(client, place, id)).status !== "closed") throw error;
  }
}

/** What is downloaded: a table, a partition, or the result of an instance. */
export interface DownloadPlace {
  readonly what: string;
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A table or partition to download. */
export function tableDownload(client: OdpsClient, place: TunnelPlace): DownloadPlace {
  const [resource, query] = [tunnelResource(client, place), partitionQuery(place)];
  return { what: nameOf(client, place), resource, query };
}

/** The result of an instance to download: all of it, which takes a right, or its first 10,000 records. */
export function resultDownload({ source }: OdpsClient, instance: string): DownloadPlace {
  const resource = `/projects/${source.project}/instances/${instance}`;
  return { what: `result of instance ${instance}`, resource, query: {} };
}

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 5_000;

/** Begins a download session and waits until it is ready: of many small files that takes a while. */
export async function beginDownload(
  client: OdpsClient,
  { what, resource, query }: DownloadPlace,
): Promise<DownloadSession> {
  const begin = { ...query, downloads: "", asyncmode: "true" };
  let { text } = await client.tunnel(`download session of ${what}`, { method: "POST", resource, query: begin });
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_POLL_MS)) {
    const { DownloadID: id, Status, RecordCount: records, Schema } = downloadAnswer.parse(JSON.parse(text));
    const state = Status.toLowerCase();
    if (state === "normal") return { id, records, columns: (Schema?.columns ?? []).map(tableColumn) };
    if (state !== "initiating")
      throw new UserError("SOURCE_REFUSED", `download session of ${what}: the service says it is ${state}`);
    await sleep(pauseMs, undefined, { signal: client.signal }).catch(() => {
      throw odpsWorkStopped(client.signal, what);
    });
    ({ text } = await client.tunnel(`download session of ${what}`, {
      method: "GET",
      resource,
      query: { ...query, downloadid: id },
    }));
  }
}
