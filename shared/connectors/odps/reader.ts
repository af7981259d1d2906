import type { IncomingMessage } from "node:http";
import { createInflate } from "node:zlib";
import type { Batch, Column } from "../../model/batch.js";
import { type SluiceError, TransientError, UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import { DEFAULT_TIME_ZONE, zoneOf } from "../../model/zones.js";
import type { Reader, Side } from "../contract.js";
import { type BatchMaker, batchMaker } from "./batch-maker.js";
import { type OdpsClient, openClient } from "./client.js";
import { MaxcomputeFailure, odpsFailure, odpsWorkStopped, withOdpsRetries } from "./failure.js";
import { type OdpsReadParams, odpsReadSchema } from "./read-params.js";
import type { MaxcomputeSource } from "./source.js";
import { inspectSource, type OdpsReadSpec, splitOdpsTable } from "./split.js";
import { runOdpsStatements } from "./statements.js";
import { odpsReaderTemplate } from "./template.js";
import { partitionQuery, resultDownload, tunnelResource } from "./tunnel.js";
import { openRecordReader } from "./wire/record-reader.js";

type ReadSide = Side<MaxcomputeSource, OdpsReadParams>;

/**
 * Reads tables through download sessions of the tunnel: one per partition, begun when the run is planned, so that all shards read the
 * same state of it. A broken read goes on behind the last record that came.
 * Source: DataX odpsreader document; script-mode reference 3.8; protocol of PyODPS and the Java SDK.
 */
export const odpsReader: Reader<MaxcomputeSource, OdpsReadParams> = {
  params: odpsReadSchema,
  width: ({ column }) => (column[0] === "*" ? null : column.length),
  template: odpsReaderTemplate,
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: async (side) =>
    (await inspectSource(clientOf(side), side.params)).outputs.map(({ column }): Column => column),
  prepare: (side) => runOdpsStatements(clientOf(side), side.params, "preSql"),
  finish: (side) => runOdpsStatements(clientOf(side), side.params, "postSql"),
  split: (side, advice) => splitOdpsTable(clientOf(side), side, advice),
  read,
};

function clientOf({ source, params, signal }: ReadSide): OdpsClient {
  const { tunnelQuota, maxRetryTime } = params;
  return openClient(source, signal, {
    quota: tunnelQuota,
    ...(maxRetryTime !== undefined && { attempts: maxRetryTime }),
  });
}

/** Broken reads in a row that bring no record. */
const ATTEMPTS = 6;

async function* read(side: ReadSide, spec: Json, from: Json): AsyncIterable<Batch> {
  const piece = spec as unknown as OdpsReadSpec; // made by our own split
  const client = clientOf(side);
  const { outputs } = await inspectSource(client, side.params);
  const zone = zoneOf(side.timeZone ?? DEFAULT_TIME_ZONE) ?? (() => 0);
  const maker = batchMaker(piece, outputs, { zone, emptyAsNull: side.params.emptyAsNull });
  const end = piece.start + piece.count;
  // The checkpoint is the number of the next record of the session.
  let next = typeof from === "number" ? from : piece.start;
  for (let broken = 0; next < end; ) {
    const before = next;
    try {
      for await (const batch of readRange(client, piece, { maker, next, end, side })) {
        next = batch.checkpoint as number; // made below
        yield batch;
      }
      if (next < end)
        throw new TransientError("SOURCE_BUSY", `${piece.session}: the stream ended after record ${next} of ${end}`);
    } catch (cause) {
      if (side.signal.aborted) throw odpsWorkStopped(side.signal, piece.session);
      const error = explained(odpsFailure(cause, `download session ${piece.session}`));
      broken = next > before ? 1 : broken + 1;
      if (!(error instanceof TransientError) || broken >= ATTEMPTS) throw error;
    }
  }
}

/** A session that is over, or not there any more. */
function explained(error: SluiceError): SluiceError {
  const { cause, message } = error;
  if (!(cause instanceof MaxcomputeFailure) || !/^(?:StatusConflict|NoSuchDownload)/.test(cause.code)) return error;
  const why = "download sessions live 24 hours, and another one would show another state of the table; start a new run";
  return new UserError("SOURCE_OBJECT_MISSING", `${message}: ${why}`, { cause });
}

interface Range {
  readonly maker: BatchMaker;
  readonly next: number;
  readonly end: number;
  readonly side: ReadSide;
}

async function* readRange(
  client: OdpsClient,
  spec: OdpsReadSpec,
  { maker, next, end, side }: Range,
): AsyncGenerator<Batch> {
  maker.reset();
  const response = await withOdpsRetries(
    `download session ${spec.session}`,
    () => client.stream(requestOf(client, spec, { maker, next, end, side })),
    { signal: side.signal, attempts: ATTEMPTS },
  );
  let made = next;
  const reader = openRecordReader(maker.handler);
  try {
    for await (const chunk of bodyOf(response)) {
      if (side.signal.aborted) throw odpsWorkStopped(side.signal, spec.session);
      // Pieces that are small, so that a batch is told as soon as it is full.
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        reader.feed(chunk.subarray(at, at + PIECE_BYTES));
        if (!maker.isFull()) continue;
        made = next + reader.count();
        const batch = maker.take(made);
        if (batch) yield batch;
      }
    }
    // Only the footer says that all has come.
    made = next + reader.end();
    const last = maker.take(made);
    if (last) yield last;
  } finally {
    response.destroy();
  }
}

const PIECE_BYTES = 64 * 1024;

function requestOf(client: OdpsClient, spec: OdpsReadSpec, { maker, next, end, side }: Range) {
  const { schema, table, isCompress } = side.params;
  const place = { schema, table, partition: spec.partition };
  const resource =
    spec.instance === null ? tunnelResource(client, place) : resultDownload(client, spec.instance).resource;
  const query = {
    ...(spec.instance === null ? partitionQuery(place) : {}),
    ...{ data: "", downloadid: spec.session, rowrange: `(${next},${end - next})` },
    ...(maker.asked !== null && { columns: maker.asked.join(",") }),
  };
  const headers = { "accept-encoding": isCompress ? "deflate" : "identity" };
  return { method: "GET" as const, resource, query, headers };
}

function bodyOf(response: IncomingMessage): AsyncIterable<Buffer> {
  if (response.headers["content-encoding"] !== "deflate") return response;
  const inflate = createInflate();
  response.once("error", (error) => inflate.destroy(error));
  response.once("aborted", () => inflate.destroy(new Error("socket hang up")));
  return response.pipe(inflate);
}
