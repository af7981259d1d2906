import { createInflate } from "node:zlib";
import { httpDate, type Maxcompute, type OdpsCall } from "./call.js";
import { OdpsError } from "./errors.js";
import { blockKey, odpsKeyBoundsOf, odpsRowKey } from "./keys.js";
import { requireProject } from "./metadata.js";
import { dropContents, receiveRecords } from "./pages.js";
import { jsonReply, type OdpsReply } from "./reply.js";
import {
  type BlockRow,
  encodeOdpsRow,
  type LeafRow,
  leafKey,
  type OdpsSegment,
  type OdpsUploadRow,
  requireLeaf,
  requireTable,
  rowAt,
  type TableRow,
} from "./rows.js";
import { wireTypes } from "./send-records.js";
import { isExpired, requireSameResource, schemaFields, sessionFields, sessionId, specOf } from "./session.js";

/** Limits of the service (MaxCompute documentation, "Limits of Tunnel"). */
const MAX_BLOCK = 19_999;
const SESSIONS_PER_WINDOW = 500;
const WINDOW_MS = 5 * 60_000;

/** `POST …?uploads`: begins a session. */
export async function serveBeginUpload(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { context } = maxcompute;
  requireProject(context.store, call.project);
  const table = requireTable(context.store, call, "NoSuchTable");
  const spec = specOf(table, call);
  countSession(maxcompute, table);
  const now = context.now();
  const row: OdpsUploadRow = {
    ...{ id: sessionId(now), project: call.project, schema: call.schema, table: call.table, tableId: table.id, spec },
    ...{ columns: table.columns, created: now, overwrite: call.query.overwrite?.toLowerCase() === "true" },
    ...{ status: "normal", version: 0 },
  };
  await context.store.write((tx) => {
    const makes =
      call.query.create_partition?.toLowerCase() === "true" && spec !== "" && !tx.get(leafKey(table.id, spec));
    if (makes) tx.put(leafKey(table.id, spec), encodeOdpsRow(emptyLeaf(spec, now)));
    requireLeaf(tx, table, spec);
    tx.put(odpsRowKey("upload", row.id), encodeOdpsRow(row));
  });
  return jsonReply(uploadFields(table, row, { status: "NORMAL", blocks: [] }));
}

/** A partition without records. */
export function emptyLeaf(spec: string, now: number): LeafRow {
  const values = spec === "" ? [] : spec.split("/").map((part) => part.slice(part.indexOf("=") + 1));
  return { values, segments: [], created: now, modified: now };
}

/** @throws OdpsError FlowExceeded */
function countSession({ context, uploadsBegun }: Maxcompute, { id, name }: TableRow): void {
  const now = context.now();
  const recent = (uploadsBegun.get(id) ?? []).filter((at) => now - at < WINDOW_MS);
  if (recent.length >= SESSIONS_PER_WINDOW)
    throw new OdpsError("FlowExceeded", `Table ${name} had ${SESSIONS_PER_WINDOW} upload sessions in five minutes`);
  uploadsBegun.set(id, [...recent, now]);
}

function uploadFields(
  table: TableRow,
  row: OdpsUploadRow,
  { status, blocks }: { status: string; blocks: readonly BlockRow[] },
): object {
  return {
    UploadID: row.id,
    ...sessionFields(row),
    Status: status,
    IsOverwrite: row.overwrite,
    Schema: schemaFields(row.columns, table.keys),
    UploadedBlockList: blocks.map(({ block, segment, created }) => {
      const times = { CreateTime: Math.floor(created / 1000), Date: httpDate(created) };
      return { BlockID: block, ...times, RecordCount: segment.records, Version: 1 };
    }),
  };
}

/** The session, its table and its state. @throws OdpsError */
function requireUpload(
  maxcompute: Maxcompute,
  call: OdpsCall,
): { table: TableRow; upload: OdpsUploadRow; status: string } {
  const { store } = maxcompute.context;
  const table = requireTable(store, call, "NoSuchTable");
  const upload = rowAt<OdpsUploadRow>(store, odpsRowKey("upload", call.query.uploadid ?? ""));
  if (!upload) throw new OdpsError("NoSuchUpload", `There is no upload session ${call.query.uploadid}`);
  requireSameResource(upload, table, specOf(table, call));
  const status = upload.status === "normal" && isExpired(maxcompute, upload) ? "EXPIRED" : upload.status.toUpperCase();
  return { table, upload, status };
}

/** @throws OdpsError StatusConflict */
function requireOpen({ upload, status }: { upload: OdpsUploadRow; status: string }): void {
  if (status === "NORMAL") return;
  throw new OdpsError("StatusConflict", `You cannot complete the operation: session ${upload.id} is ${status}`);
}

/** `GET …?uploadid=`: tells of the session. */
export async function serveUploadState(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { table, upload, status } = requireUpload(maxcompute, call);
  return jsonReply(uploadFields(table, upload, { status, blocks: await blocksOf(maxcompute, upload.id) }));
}

async function blocksOf({ context }: Maxcompute, upload: string): Promise<BlockRow[]> {
  const found: BlockRow[] = [];
  for await (const [, bytes] of context.store.range(odpsKeyBoundsOf("block", upload)))
    found.push(JSON.parse(bytes.toString()) as BlockRow); // rows.ts wrote it
  return found;
}

/** `PUT …?uploadid=&blockid=`: a block, whose records are checked; one of the same number takes the place of the first. */
export async function servePutBlock(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { context } = maxcompute;
  const found = requireUpload(maxcompute, call);
  requireOpen(found);
  const block = /^\d{1,5}$/.test(call.query.blockid ?? "") ? Number(call.query.blockid) : -1;
  if (block < 0 || block > MAX_BLOCK)
    throw new OdpsError("InvalidBlockID", `Block ids are numbers from 0 to ${MAX_BLOCK}, not ${call.query.blockid}`);
  const segment = await receiveRecords(context.store, bodyOf(call), wireTypes(found.upload.columns));
  const key = blockKey(found.upload.id, block);
  const replaced = await context.store.write((tx) => {
    // Meanwhile it may have been committed.
    const upload = rowAt<OdpsUploadRow>(tx, odpsRowKey("upload", found.upload.id));
    if (upload?.status !== "normal") requireOpen({ upload: found.upload, status: "CLOSED" });
    const before = rowAt<BlockRow>(tx, key);
    tx.del(odpsRowKey("loose", segment.content));
    tx.put(key, encodeOdpsRow({ block, segment, created: context.now() } satisfies BlockRow));
    tx.put(
      odpsRowKey("upload", found.upload.id),
      encodeOdpsRow({ ...found.upload, version: (upload?.version ?? 0) + 1 }),
    );
    return before;
  });
  if (replaced) await dropContents(context.store, [replaced.segment]);
  return { status: 200, headers: { "odps-tunnel-metrics": "{}" }, body: "" };
}

function bodyOf({ headers, body }: OdpsCall): AsyncIterable<Buffer> {
  const encoding = headers["content-encoding"] ?? "";
  if (encoding === "" || encoding === "identity") return body;
  if (encoding === "deflate") return inflated(body);
  throw new OdpsError("UnsupportedEncoding", `The local MaxCompute takes deflate or nothing, not ${encoding}`);
}

async function* inflated(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflate();
  const feeding = (async () => {
    for await (const piece of body) if (!inflate.write(piece)) await new Promise((done) => inflate.once("drain", done));
    inflate.end();
  })();
  feeding.catch((error) => inflate.destroy(error as Error));
  try {
    yield* inflate;
  } catch (cause) {
    throw new OdpsError("CorruptedDataStream", "The block is no zlib stream", { cause });
  }
  await feeding;
}

/** `POST …?uploadid=`: all blocks become visible at once, and with `overwrite` in place of what was there. */
export async function serveCommitUpload(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { store } = maxcompute.context;
  for (;;) {
    const found = requireUpload(maxcompute, call);
    requireOpen(found);
    const blocks = await blocksOf(maxcompute, found.upload.id);
    const dropped = await store.write((tx) => commit(tx, found, { blocks, now: maxcompute.context.now() }));
    if (dropped === null) continue;
    await dropContents(store, dropped);
    const closed = { ...found.upload, status: "closed" } as const;
    return jsonReply(uploadFields(found.table, closed, { status: "CLOSED", blocks }));
  }
}

/** @returns what the leaf no longer holds; null when blocks came meanwhile */
function commit(
  tx: Parameters<Parameters<Maxcompute["context"]["store"]["write"]>[0]>[0],
  { table, upload }: { table: TableRow; upload: OdpsUploadRow },
  { blocks, now }: { blocks: readonly BlockRow[]; now: number },
): readonly OdpsSegment[] | null {
  const current = rowAt<OdpsUploadRow>(tx, odpsRowKey("upload", upload.id));
  if (current?.status !== "normal") requireOpen({ upload, status: "CLOSED" });
  if (current?.version !== upload.version) return null;
  const leaf = requireLeaf(tx, table, upload.spec);
  const added = blocks.map(({ segment }) => segment).filter(({ records }) => records > 0);
  const kept = upload.overwrite ? [] : leaf.segments;
  tx.put(
    leafKey(table.id, upload.spec),
    encodeOdpsRow({ ...leaf, segments: [...kept, ...added], modified: now } satisfies LeafRow),
  );
  tx.put(odpsRowKey("upload", upload.id), encodeOdpsRow({ ...upload, status: "closed" } satisfies OdpsUploadRow));
  for (const { block } of blocks) tx.del(blockKey(upload.id, block));
  return upload.overwrite ? leaf.segments : [];
}
