import type { Maxcompute, OdpsCall } from "./call.js";
import { OdpsError } from "./errors.js";
import { requireInstance } from "./instances.js";
import { odpsRowKey } from "./keys.js";
import { requireProject } from "./metadata.js";
import { jsonReply, type OdpsReply } from "./reply.js";
import { type DownloadRow, encodeOdpsRow, recordsOf, requireLeaf, requireTable, rowAt } from "./rows.js";
import { sendArrow } from "./send-arrow.js";
import { sendRecords } from "./send-records.js";
import { isExpired, requireSameResource, schemaFields, sessionFields, sessionId, specOf } from "./session.js";

/** Records of a query's result that anybody may have; all of them takes a right of its own. */
const LIMITED_RECORDS = 10_000;

/** `POST …?downloads`: a snapshot of a table, a partition, or the result of an instance. */
export async function serveBeginDownload(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { context } = maxcompute;
  requireProject(context.store, call.project);
  const now = context.now();
  const base = { id: sessionId(now), project: call.project, schema: call.schema, table: call.table, created: now };
  const row: DownloadRow =
    call.instance === "" ? { ...base, ...ofTable(maxcompute, call) } : { ...base, ...ofInstance(maxcompute, call) };
  await context.store.write((tx) => tx.put(odpsRowKey("download", row.id), encodeOdpsRow(row)));
  // The service needs a while to collect many small files; clients must be ready to wait.
  return jsonReply(downloadFields(row, call.query.asyncmode?.toLowerCase() === "true" ? "INITIATING" : "NORMAL"));
}

type Contents = Pick<DownloadRow, "tableId" | "spec" | "columns" | "keys" | "segments" | "records">;

function ofTable({ context }: Maxcompute, call: OdpsCall): Contents {
  const table = requireTable(context.store, call, "NoSuchTable");
  const spec = specOf(table, call);
  const leaf = requireLeaf(context.store, table, spec);
  const { segments } = leaf;
  return { tableId: table.id, spec, columns: table.columns, keys: table.keys, segments, records: recordsOf(leaf) };
}

function ofInstance(maxcompute: Maxcompute, call: OdpsCall): Contents {
  const { id, result } = requireInstance(maxcompute, call);
  if (!result) throw new OdpsError("InstanceTypeNotSupported", "The instance has selected nothing");
  const isLimited = "instance_tunnel_limit_enabled" in call.query;
  const { columns, segment } = result;
  const records = isLimited ? Math.min(segment.records, LIMITED_RECORDS) : segment.records;
  return { tableId: id, spec: "", columns, keys: [], segments: [segment], records };
}

function downloadFields(row: DownloadRow, status: string): object {
  const Schema = schemaFields(row.columns, row.keys);
  return { DownloadID: row.id, ...sessionFields(row), Status: status, RecordCount: row.records, Schema };
}

/** @throws OdpsError */
function requireDownload(maxcompute: Maxcompute, call: OdpsCall): DownloadRow {
  const { store } = maxcompute.context;
  const row = rowAt<DownloadRow>(store, odpsRowKey("download", call.query.downloadid ?? ""));
  if (!row) throw new OdpsError("NoSuchDownload", `There is no download session ${call.query.downloadid}`);
  if (call.instance === "") {
    const table = requireTable(store, call, "NoSuchTable");
    requireSameResource(row, table, specOf(table, call));
  } else if (row.tableId !== call.instance)
    throw new OdpsError("InvalidResourceSpec", `Session ${row.id} belongs to another instance`);
  return row;
}

/** `GET …?downloadid=`: tells of the session. */
export function lookAtDownload(maxcompute: Maxcompute, call: OdpsCall): OdpsReply {
  const row = requireDownload(maxcompute, call);
  return jsonReply(downloadFields(row, isExpired(maxcompute, row) ? "EXPIRED" : "NORMAL"));
}

/** `GET …?data&downloadid=&rowrange=`: the records. */
export async function readRecords(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const row = requireDownload(maxcompute, call);
  if (isExpired(maxcompute, row)) throw new OdpsError("StatusConflict", `Session ${row.id} is EXPIRED`);
  const [, start = "", count = ""] = /^\((\d+),(\d+)\)$/.exec(call.query.rowrange ?? "") ?? [];
  const range = { start: Number(start), count: Number(count) };
  if (count === "" || range.count === 0 || range.start + range.count > row.records)
    throw new OdpsError("InvalidRowRange", `The session has ${row.records} records, asked was ${call.query.rowrange}`);
  const names = call.query.columns ? call.query.columns.split(",") : null;
  const { columns, segments } = row;
  const { store } = maxcompute.context;
  const selection = { columns, segments, names, ...range };
  const encodings = call.headers["accept-encoding"] ?? "";
  if (!("arrow" in call.query)) return sendRecords(store, selection, encodings);
  return sendArrow(store, { ...selection, form: call.instance === "" ? "nanoseconds" : "struct" }, encodings);
}
