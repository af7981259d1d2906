import { allInOrder } from "../../model/all-in-order.js";
import { UserError } from "../../model/errors.js";
import type { OdpsClient } from "./client.js";
import { type SpecPart, tunnelSpec } from "./partition-spec.js";
import { partitionId, type StagedBlock, type StagedBlocks } from "./staged.js";
import type { TablePlace } from "./table.js";
import { beginUpload, commitUpload, lookAtUpload, putBlock, type TunnelPlace, type UploadSession } from "./tunnel.js";
import { footer, openRecordWriter } from "./wire/record-writer.js";

/** What is to be made visible. */
export interface OdpsPublication {
  readonly table: TablePlace;
  readonly keys: readonly string[];
  /** The session of the run's one partition, begun by `prepare`; null = records tell the partitions. */
  readonly common: { readonly id: string; readonly values: readonly string[] } | null;
  readonly overwrites: boolean;
  /** Of all splits. */
  readonly splits: readonly StagedBlocks[];
}

interface Session {
  readonly id: string;
  readonly blocks: readonly StagedBlock[];
}

/** A partition with the run's sessions for it: more than one only when some have expired. */
interface Group {
  readonly place: TunnelPlace;
  readonly sessions: readonly Session[];
  readonly overwrites: boolean;
}

/** A partition with what its sessions are found to be. */
interface FoundGroup extends Group {
  readonly states: ReadonlyMap<string, UploadSession["status"]>;
}

/**
 * Commits the sessions of a run, one per partition, each once. May be repeated: a session that is closed was committed before. A
 * commit replaces what the partition holds, if the run overwrites, in one step: at no moment is it empty, or filled in part.
 *
 * Sessions hold blocks that no split names when an attempt died before it could say so: an empty block takes their place. All
 * is looked at before the first commit, so that what cannot be complete changes nothing.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when records of a session are gone
 */
export async function publish(client: OdpsClient, publication: OdpsPublication): Promise<void> {
  const found = await someAtOnce(groupsOf(publication), (group) => lookAll(client, group));
  await someAtOnce(found, (group) => commitGroup(client, group));
}

/** Partitions looked at, or committed, at once. */
const PARALLEL = 8;

async function someAtOnce<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (let at = 0; at < items.length; at += PARALLEL)
    done.push(...(await allInOrder(items.slice(at, at + PARALLEL).map(work))));
  return done;
}

function groupsOf({ table, keys, common, overwrites, splits }: OdpsPublication): Group[] {
  const found = new Map<string, { values: readonly string[]; sessions: Map<string, StagedBlock[]> }>();
  const groupOf = (values: readonly string[]) => {
    const id = partitionId(values);
    const group = found.get(id) ?? { values, sessions: new Map<string, StagedBlock[]>() };
    found.set(id, group);
    return group;
  };
  if (common) groupOf(common.values).sessions.set(common.id, []);
  for (const { id, values, blocks } of splits.flat()) {
    const { sessions } = groupOf(values);
    sessions.set(id, [...(sessions.get(id) ?? []), ...blocks]);
  }
  return [...found.values()].map(({ values, sessions }) => {
    const partition = keys.map((key, at): SpecPart => [key, values[at] ?? ""]);
    const all = [...sessions].map(([id, blocks]) => ({ id, blocks }));
    return { place: { ...table, partition }, sessions: all, overwrites };
  });
}

async function lookAll(client: OdpsClient, group: Group): Promise<FoundGroup> {
  const { place, sessions, overwrites } = group;
  const states = new Map<string, UploadSession["status"]>();
  for (const session of sessions) {
    const found = await lookAtUpload(client, place, session.id);
    states.set(session.id, found.status);
    if (found.status === "lost" && session.blocks.length > 0) throw lost(place, session.id);
    if (found.status === "normal") await settleBlocks(client, place, { session, found });
  }
  const filled = sessions.filter(({ blocks }) => blocks.length > 0);
  // Each would replace the other.
  if (overwrites && filled.length > 1)
    throw unpublished(`${nameOf(place)} has records in ${filled.length} upload sessions`);
  return { ...group, states };
}

function nameOf({ table, partition }: TunnelPlace): string {
  return partition.length === 0 ? table : `${table} partition ${tunnelSpec(partition)}`;
}

function unpublished(why: string): UserError {
  return new UserError("SOURCE_OBJECT_MISSING", `${why}: nothing was published; start a new run`);
}

function lost(place: TunnelPlace, id: string): UserError {
  return unpublished(
    `upload session ${id} of ${nameOf(place)} has expired with records in it (sessions live 24 hours)`,
  );
}

/** Compares what the session holds with what the splits say. */
async function settleBlocks(
  client: OdpsClient,
  place: TunnelPlace,
  { session, found }: { session: Session; found: UploadSession },
): Promise<void> {
  const expected = new Map(session.blocks);
  for (const [number, records] of expected) {
    const there = found.blocks.get(number);
    if (there === undefined || (there !== null && there !== records)) {
      const seen = there === undefined ? "is not there" : `has ${there} records`;
      throw unpublished(`block ${number} of upload session ${session.id} ${seen}, ${records} were written`);
    }
  }
  const body = footer(openRecordWriter(16));
  for (const [number, records] of found.blocks)
    if (!expected.has(number) && records !== 0)
      await putBlock(client, place, { id: session.id, block: number, body, encoding: null });
}

async function commitGroup(client: OdpsClient, { place, sessions, states, overwrites }: FoundGroup): Promise<void> {
  const filled = sessions.filter(({ blocks }) => blocks.length > 0);
  // Without a record the run's own session says that nothing is there now.
  for (const { id } of filled.length > 0 ? filled : sessions)
    if (states.get(id) === "normal") await commitUpload(client, place, id);
  const areLost = sessions.every(({ id }) => states.get(id) === "lost");
  if (!overwrites || !areLost) return;
  const { id } = await beginUpload(client, place, "overwrites");
  await commitUpload(client, place, id);
}
