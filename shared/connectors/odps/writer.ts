import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { startOfSplit } from "../../model/progress.js";
import { declaredZone } from "../../model/side-zone.js";
import { DEFAULT_TIME_ZONE } from "../../model/zones.js";
import type { PlannedRun, Prepared, RunRef, Side, SplitRef, Writer, WriteSession } from "../contract.js";
import { blockStage, type OpenSession } from "./block-stage.js";
import type { EncodeSetting } from "./cells/cell-encoder.js";
import { MOST_BYTES } from "./cells/text-cells.js";
import { type OdpsClient, openClient } from "./client.js";
import { judgeOdpsRecords } from "./judge-records.js";
import { adviceOnKeyFormats } from "./key-format.js";
import { type SpecPart, sqlSpec } from "./partition-spec.js";
import { publish } from "./publish.js";
import { recordEncoder } from "./record-encoder.js";
import type { MaxcomputeSource } from "./source.js";
import { runSql, sqlName } from "./sql.js";
import { partitionId, type StagedBlocks, stagedBlocksOf } from "./staged.js";
import { runOdpsStatements } from "./statements.js";
import { columnsOf, inspectOdpsTarget, type OdpsTarget } from "./target.js";
import { odpsWriterTemplate } from "./template.js";
import { beginUpload, lookAtUpload, type TunnelPlace, type UploadSession } from "./tunnel.js";
import { isTruncating, type OdpsWriteParams, odpsWriteSchema } from "./write-params.js";
import { odpsWriteSession } from "./write-session.js";

type WriteSide = Side<MaxcomputeSource, OdpsWriteParams>;

const MEGABYTE = 1024 * 1024;
/** Blocks of a session (documentation, "Limits of Tunnel"). */
const MOST_BLOCKS = 20_000;
/** A later attempt leaves so many numbers free: blocks of an earlier one may still be on their way. */
const GAP = 8;
/** Memory: a split has several blocks on their way. */
const MOST_BLOCK_MB = 16;

/**
 * Writes tables through upload sessions of the tunnel: nothing is visible before `finish` commits them.
 * Source: DataX odpswriter document; script-mode reference 3.8; protocol of PyODPS and the Java SDK.
 */
export const odpsWriter: Writer<MaxcomputeSource, OdpsWriteParams> = {
  params: odpsWriteSchema,
  width: ({ column }) => (column[0] === "*" ? null : column.length),
  template: odpsWriterTemplate,
  delivery: () => "publish",
  takesClocks: true,
  takesFewer: true,
  advice: adviceOnKeyFormats,
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: async (side) => columnsOf(await inspectOdpsTarget(clientOf(side), side.params)),
  check,
  judge: async (side, { columns, clock }) =>
    judgeOdpsRecords(await inspectOdpsTarget(clientOf(side), side.params), {
      ...{ columns, timeZone: side.timeZone, setting: settingOf(side, clock) },
    }),
  prepare,
  open,
  finish,
};

function clientOf({ source, params, signal }: WriteSide): OdpsClient {
  const { tunnelQuota, maxRetryTime } = params;
  return openClient(source, signal, {
    quota: tunnelQuota,
    ...(maxRetryTime !== undefined && { attempts: maxRetryTime }),
  });
}

function settingOf({ params, timeZone }: WriteSide, clock: string | undefined): EncodeSetting {
  const { emptyAsNull, overLengthRule, maxFieldLength, maxOdpsFieldLength } = params;
  return {
    ...{ emptyAsNull, overLength: overLengthRule, clock: clock ?? timeZone ?? DEFAULT_TIME_ZONE },
    maxFieldBytes: maxFieldLength ?? maxOdpsFieldLength ?? MOST_BYTES,
  };
}

/** Changes nothing. */
async function check(side: WriteSide, run: PlannedRun): Promise<readonly string[]> {
  const target = await inspectOdpsTarget(clientOf(side), side.params);
  compareColumns(side, target, run);
  const unwritten = unwrittenColumns(target, run.columns.length);
  if (unwritten.length === 0) return [];
  return [`${counted(unwritten.length, "column")} of ${target.title} stay NULL: ${unwritten.join(", ")}`];
}

function compareColumns(side: WriteSide, target: OdpsTarget, { columns, clock }: PlannedRun): void {
  const late = target.destinations.find((one, at) => one.kind === "key" && at >= columns.length);
  if (late?.kind === "key") {
    const message = `column: ${late.name} tells the partition, and the reader gives ${counted(columns.length, "column")} only; it must give that one, too`;
    throw new UserError("CONFIG_INVALID", message, { path: "column" });
  }
  // Making the encoders refuses what is never written.
  recordEncoder(target, columns, settingOf(side, clock));
}

/** Columns that stay NULL: those the job does not name, and those that the reader has nothing for. */
function unwrittenColumns({ shape, destinations }: OdpsTarget, given: number): string[] {
  const written = new Set(
    destinations.slice(0, given).flatMap((one) => (one.kind === "column" ? [one.column.name] : [])),
  );
  const required = shape.columns.find(({ name, nullable }) => !nullable && !written.has(name));
  if (required)
    throw new UserError("CONFIG_INVALID", `column: ${required.name} takes no NULL and is not written`, {
      path: "column",
    });
  return shape.columns.flatMap(({ name }) => (written.has(name) ? [] : [name]));
}

/** Statements first, since they may make the table; then the partition, and the run's session. */
async function prepare(side: WriteSide, run: RunRef): Promise<Prepared> {
  const { params } = side;
  const client = clientOf(side);
  await runOdpsStatements(client, params, "preSql");
  const target = await inspectOdpsTarget(client, params);
  compareColumns(side, target, run);
  if (target.partition === null) return { delivery: "publish", state: { session: null, values: [] }, notes: [] };
  const place: TunnelPlace = { schema: params.schema, table: params.table, partition: target.partition };
  await addPartitions(client, [place]);
  const { id } = await beginUpload(client, place, isTruncating(params) ? "overwrites" : "adds");
  return { delivery: "publish", state: { session: id, values: target.partition.map(([, value]) => value) }, notes: [] };
}

/** So many in one statement. */
const PARTITIONS_PER_STATEMENT = 100;

/** Makes partitions that are not there; those of a table without are none. */
async function addPartitions(client: OdpsClient, places: readonly TunnelPlace[]): Promise<void> {
  const [first] = places;
  if (!first || first.partition.length === 0) return;
  for (let at = 0; at < places.length; at += PARTITIONS_PER_STATEMENT) {
    const some = places.slice(at, at + PARTITIONS_PER_STATEMENT);
    const list = some.map(({ partition }) => `PARTITION (${sqlSpec(partition)})`).join(" ");
    const what = some.length === 1 ? `adding ${list}` : `adding ${some.length} partitions`;
    await runSql(client, `ALTER TABLE ${sqlName(client, first)} ADD IF NOT EXISTS ${list}`, {
      what,
      schema: first.schema,
    });
  }
}

/** What `prepare` found: the session of the run's one partition; null = splits agree on one for each partition they find. */
interface State {
  readonly session: string | null;
  readonly values: readonly string[];
}

function stateOf({ prepared }: RunRef): State {
  const state: Json | undefined = prepared?.state;
  if (!isJsonObject(state)) return { session: null, values: [] };
  return state as unknown as State; // made by `prepare`
}

async function open(side: WriteSide, split: SplitRef): Promise<WriteSession> {
  const { params } = side;
  const client = clientOf(side);
  const target = await inspectOdpsTarget(client, params);
  const encoder = recordEncoder(target, split.columns, settingOf(side, split.clock));
  const keys = target.shape.keys.map(({ name }) => name);
  const placeOf = (values: readonly string[]): TunnelPlace => {
    return {
      schema: params.schema,
      table: params.table,
      partition: keys.map((key, at): SpecPart => [key, values[at] ?? ""]),
    };
  };
  const earlier = stagedBlocksOf(split.progress.staged);
  const isWhole = await areThere(client, earlier, placeOf);
  const staged = isWhole ? earlier : [];
  const stage = blockStage({
    ...{ client, staged, compresses: params.isCompress },
    blockBytes: Math.min(params.blockSizeInMB, MOST_BLOCK_MB) * MEGABYTE,
    announce: async (partitions) => {
      if (target.partition === null) await addPartitions(client, partitions.map(placeOf));
    },
    sessionOf: (values) =>
      sessionOf({ client, split, staged, place: placeOf(values), overwrites: isTruncating(params) }),
  });
  const values = target.partition?.map(([, value]) => value) ?? null;
  return odpsWriteSession(split, { stage, encoder, values, restart: isWhole ? null : startOfSplit });
}

/** False when a session has expired with records in it: the split begins anew. */
async function areThere(
  client: OdpsClient,
  staged: StagedBlocks,
  placeOf: (values: readonly string[]) => TunnelPlace,
): Promise<boolean> {
  for (const { id, values, blocks } of staged)
    if (blocks.length > 0 && (await lookAtUpload(client, placeOf(values), id)).status === "lost") return false;
  return true;
}

interface Wanted {
  readonly client: OdpsClient;
  readonly split: SplitRef;
  readonly staged: StagedBlocks;
  readonly place: TunnelPlace;
  readonly overwrites: boolean;
}

/** Sessions of one partition, one after the other: a run that takes weeks has no more than these. */
const MOST_SESSIONS = 100;

/**
 * The session that all splits send records of a partition into, so that one commit shows them, and replaces with `overwrites`: the
 * run's own, or the one that whoever came first has begun. In the place of one that has expired they agree on another.
 */
async function sessionOf(wanted: Wanted): Promise<OpenSession> {
  const { client, split, place, overwrites } = wanted;
  const { session: common } = stateOf(split);
  const named = partitionId(place.partition.map(([, value]) => value));
  for (let turn = 0; turn < MOST_SESSIONS; turn++) {
    const begin = async () => (await beginUpload(client, place, overwrites ? "overwrites" : "adds")).id;
    const id = turn === 0 && common !== null ? common : await split.agree(`upload ${turn} ${named}`, begin);
    const state = await lookAtUpload(client, place, id);
    if (state.status === "closed") throw new UserError("CANCELLED", "the run was published meanwhile");
    if (state.status === "normal") return { id, place, ...shareOf(wanted, state) };
  }
  throw new UserError("SOURCE_REFUSED", `${place.table}: ${MOST_SESSIONS} upload sessions have expired in this run`);
}

/** The numbers of a split among those of the session, without those that an earlier attempt may still be sending. */
function shareOf({ split, staged }: Wanted, { id, blocks }: UploadSession): { first: number; count: number } {
  const share = Math.floor(MOST_BLOCKS / split.splits);
  const start = share * split.split;
  const earlier = staged.flatMap((one) => (one.id === id ? one.blocks.map(([number]) => number) : []));
  const used = [...blocks.keys(), ...earlier].filter((number) => number >= start && number < start + share);
  const first = split.attempt === 1 && used.length === 0 ? start : Math.max(start - 1, ...used) + 1 + GAP;
  return { first, count: Math.max(0, start + share - first) };
}

async function finish(side: WriteSide, run: RunRef, tokens: readonly Json[]): Promise<void> {
  const { params } = side;
  const client = clientOf(side);
  const { session, values } = stateOf(run);
  const { shape } = await inspectOdpsTarget(client, params);
  await publish(client, {
    table: { schema: params.schema, table: params.table },
    keys: shape.keys.map(({ name }) => name),
    common: session === null ? null : { id: session, values },
    overwrites: isTruncating(params),
    splits: tokens.filter((token) => token !== null).map(stagedBlocksOf),
  });
  await runOdpsStatements(client, params, "postSql");
}
