import { allInOrder } from "../../model/all-in-order.js";
import { UserError } from "../../model/errors.js";
import type { OdpsClient } from "./client.js";
import { type SpecPart, sqlSpec, tunnelSpec } from "./partition-spec.js";
import { runSql, sqlName } from "./sql.js";
import { partitionId, type StagedBlock, type StagedBlocks } from "./staged.js";
import type { TablePlace } from "./table.js";
import { commitUpload, lookAtUpload, putBlock, type TunnelPlace, type UploadSession } from "./tunnel.js";
import { footer, openRecordWriter } from "./wire/record-writer.js";

/** What is to be made visible. */
export interface OdpsPublication {
  readonly table: TablePlace;
  readonly keys: readonly string[];
  /** The run's one session, begun by `prepare`; null = each split has its own. */
  readonly common: { readonly id: string; readonly values: readonly string[] } | null;
  readonly overwrites: boolean;
  /** Of all splits. */
  readonly splits: readonly StagedBlocks[];
}

interface Session {
  readonly id: string;
  readonly blocks: readonly StagedBlock[];
}

/** A partition with all its sessions. */
interface Group {
  readonly place: TunnelPlace;
  /** The run's one session, of which a commit replaces what is there if the run overwrites. */
  readonly common: Session | null;
  /** Sessions of splits, whose commits add. */
  readonly others: readonly Session[];
}

/**
 * Commits all sessions of a run, each once. May be repeated: a session that is closed was committed before.
 *
 * Sessions hold blocks that no split names when an attempt died before it could say so: an empty block takes their place. All
 * is looked at before the first commit, so that what cannot be complete changes nothing.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when records of a session are gone
 */
export async function publish(client: OdpsClient, publication: OdpsPublication): Promise<void> {
  const groups = groupsOf(publication);
  const { overwrites } = publication;
  const listed = await someAtOnce(groups, async (group) => ({ group, states: await lookAll(client, group) }));
  if (overwrites) await emptyAll(client, listed.filter(needsEmptying));
  await someAtOnce(listed, ({ group, states }) => commitGroup(client, group, states));
}

/** Partitions looked at, or committed, at once. */
const PARALLEL = 8;

async function someAtOnce<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (let at = 0; at < items.length; at += PARALLEL)
    done.push(...(await allInOrder(items.slice(at, at + PARALLEL).map(work))));
  return done;
}

function groupsOf({ table, keys, common, splits }: OdpsPublication): Group[] {
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
    const all = [...sessions].map(([id, blocks]): Session => ({ id, blocks }));
    const others = all.filter(({ id }) => id !== common?.id);
    return { place: { ...table, partition }, common: all.find(({ id }) => id === common?.id) ?? null, others };
  });
}

async function lookAll(client: OdpsClient, { place, common, others }: Group): Promise<Map<string, UploadSession>> {
  const states = new Map<string, UploadSession>();
  for (const session of common ? [common, ...others] : others) {
    const found = await lookAtUpload(client, place, session.id);
    states.set(session.id, found);
    if (found.status === "lost" && session.blocks.length > 0) throw lost(place, session.id);
    if (found.status === "normal") await settleBlocks(client, place, { session, found });
  }
  return states;
}

function lost({ table, partition }: TunnelPlace, id: string): UserError {
  const where = partition.length === 0 ? table : `${table} partition ${tunnelSpec(partition)}`;
  const message = `upload session ${id} of ${where} has expired with records in it (sessions live 24 hours): nothing was published; start a new run`;
  return new UserError("SOURCE_OBJECT_MISSING", message);
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
      const message = `block ${number} of upload session ${session.id} ${seen}, ${records} were written: nothing was published; start a new run`;
      throw new UserError("SOURCE_OBJECT_MISSING", message);
    }
  }
  const body = footer(openRecordWriter(16));
  for (const [number, records] of found.blocks)
    if (!expected.has(number) && records !== 0)
      await putBlock(client, place, { id: session.id, block: number, body, encoding: null });
}

/** A partition with what its sessions are found to be. */
interface ListedUpload {
  readonly group: Group;
  readonly states: ReadonlyMap<string, UploadSession>;
}

/** The commit of the run's own session replaces what is there; without one it must go before. Once a session is committed, it has gone. */
function needsEmptying({ group: { common, others }, states }: ListedUpload): boolean {
  const statusOf = ({ id }: Session) => states.get(id)?.status ?? "lost";
  return (!common || statusOf(common) === "lost") && !others.some((session) => statusOf(session) === "closed");
}

/** So many in one statement. */
const PARTITIONS_PER_STATEMENT = 100;

/** By SQL: a session for each would count among the 500 that a table may have in five minutes. */
async function emptyAll(client: OdpsClient, listed: readonly ListedUpload[]): Promise<void> {
  for (let at = 0; at < listed.length; at += PARTITIONS_PER_STATEMENT) {
    const places = listed.slice(at, at + PARTITIONS_PER_STATEMENT).map(({ group }) => group.place);
    const [first] = places;
    if (!first) return;
    const named = places.filter(({ partition }) => partition.length > 0);
    const list = named.map(({ partition }) => `PARTITION (${sqlSpec(partition)})`).join(", ");
    const statement = `TRUNCATE TABLE ${sqlName(client, first)} ${list}`.trim();
    await runSql(client, statement, { what: "emptying what is to be replaced", schema: first.schema });
  }
}

async function commitGroup(
  client: OdpsClient,
  { place, common, others }: Group,
  states: ListedUpload["states"],
): Promise<void> {
  // The one that replaces comes first.
  for (const { id } of common ? [common, ...others] : others)
    if (states.get(id)?.status === "normal") await commitUpload(client, place, id);
}
