import type { DataSourceRecord, SourceDefinitions } from "../model/data-source.js";
import { UserError } from "../model/errors.js";
import { type SourceEnvironment, sourceEnvironments } from "../model/workspace.js";
import { isoNow, type Services } from "../services.js";
import type { DeletedSource } from "../store/sources-store.js";
import { type ChangeTarget, changeSource, checkType } from "./change-source.js";
import { type AffectedUse, affectedUses, countedJobs, SourceInUse } from "./usage.js";

/** How long a deleted definition can be restored. */
export const RESTORE_DAYS = 7;

/** What is to be deleted. */
export interface Deletion extends ChangeTarget {
  /** Null = all of it. */
  readonly environment: SourceEnvironment | null;
  /** Delete it although jobs use it. */
  readonly force: boolean;
}

/** What a deletion did. */
export interface DeletionReport {
  readonly name: string;
  readonly deleted: readonly SourceEnvironment[];
  /** ISO time after which it cannot be restored any more. */
  readonly restorableUntil: string;
  readonly affected: readonly AffectedUse[];
}

/**
 * Deletes one definition of a data source, or all.
 *
 * @throws SourceInUse while jobs use it, unless forced; UserError NOT_FOUND, PRECONDITION_FAILED
 */
export async function deleteSource(services: Services, deletion: Deletion): Promise<DeletionReport> {
  const { workspace, name, environment, force, ifMatch } = deletion;
  const { value: seen } = await services.sources.get(workspace, name);
  const gone = sourceEnvironments.filter((one) => seen.definitions[one] && (environment ?? one) === one);
  if (gone.length === 0) throw new UserError("NOT_FOUND", `data source "${name}" is not configured for ${environment}`);
  const affected = await affectedUses(services, { owner: workspace, name }, gone);
  if (affected.length > 0 && !force)
    throw new SourceInUse(`data source "${name}" is used by ${countedJobs(affected.length)}`, affected);
  const deletedAt = isoNow(services);
  await purge(services, workspace);
  await changeSource(services, { workspace, name, ifMatch }, async (record) => {
    // Kept before it is taken away: a crash in between leaves a copy, and nothing lost.
    await keepAll(services, record, { workspace, gone, deletedAt });
    return { ...record, definitions: pick(record.definitions, (one) => !gone.includes(one)) };
  });
  return { name, deleted: gone, restorableUntil: restorableUntil(deletedAt), affected };
}

async function keepAll(
  services: Services,
  { name, type, definitions }: DataSourceRecord,
  { workspace, gone, deletedAt }: { workspace: string; gone: readonly SourceEnvironment[]; deletedAt: string },
): Promise<void> {
  for (const environment of gone) {
    const definition = definitions[environment];
    if (definition) await services.sources.keepDeleted({ workspace, name, type, environment, definition, deletedAt });
  }
}

function pick(definitions: SourceDefinitions, wanted: (one: SourceEnvironment) => boolean): SourceDefinitions {
  return Object.fromEntries(
    sourceEnvironments.flatMap((one) => (definitions[one] && wanted(one) ? [[one, definitions[one]]] : [])),
  );
}

function restorableUntil(deletedAt: string): string {
  return new Date(Date.parse(deletedAt) + RESTORE_DAYS * 86_400_000).toISOString();
}

/** A deletion that can be taken back. */
export interface DeletedView {
  readonly name: string;
  readonly type: string;
  readonly environment: SourceEnvironment;
  readonly deletedAt: string;
  readonly restorableUntil: string;
}

/** Deletions of a workspace that can be taken back. */
export async function listDeleted(services: Services, workspace: string): Promise<readonly DeletedView[]> {
  const kept = await purge(services, workspace);
  return kept.map(({ name, type, environment, deletedAt }) => {
    return { name, type, environment, deletedAt, restorableUntil: restorableUntil(deletedAt) };
  });
}

/** Removes for good what cannot be restored any more; returns the rest. */
async function purge(services: Services, workspace: string): Promise<readonly DeletedSource[]> {
  const all = await services.sources.deleted(workspace, null);
  const oldest = services.now() - RESTORE_DAYS * 86_400_000;
  const isOver = ({ deletedAt }: DeletedSource) => Date.parse(deletedAt) < oldest;
  await Promise.all(all.filter(isOver).map((one) => services.sources.forgetDeleted(one)));
  return all.filter((one) => !isOver(one));
}

/**
 * Takes the last deletions of a data source back: per environment, the newest definition that was deleted. A data source
 * that was gone altogether is shared again as it was then.
 *
 * @param environment  null = all that was deleted last
 * @throws UserError NOT_FOUND, ALREADY_EXISTS when the environment has been configured anew meanwhile
 */
export async function restoreSource(
  services: Services,
  { workspace, name, environment }: { workspace: string; name: string; environment: SourceEnvironment | null },
): Promise<DataSourceRecord> {
  const kept = (await purge(services, workspace)).filter(
    (one) => one.name === name && (environment ?? one.environment) === one.environment,
  );
  const newest = kept.reduce((latest, { deletedAt }) => (deletedAt > latest ? deletedAt : latest), "");
  const wanted = kept.filter(({ deletedAt }) => deletedAt === newest);
  const [first] = wanted;
  if (!first)
    throw new UserError("NOT_FOUND", `nothing of data source "${name}" was deleted in the last ${RESTORE_DAYS} days`);
  const definitions = Object.fromEntries(wanted.map((one) => [one.environment, one.definition]));
  const record = await putBack(services, first, definitions);
  await Promise.all(wanted.map((one) => services.sources.forgetDeleted(one)));
  return record;
}

async function putBack(
  services: Services,
  { workspace, name, type }: DeletedSource,
  wanted: SourceDefinitions,
): Promise<DataSourceRecord> {
  const at = isoNow(services);
  const { grants = [], createdAt = at } = (await services.sources.findDeleted(workspace, name)) ?? {};
  const anew = { name, type, definitions: wanted, grants, revision: 1, createdAt, updatedAt: at };
  if (await services.sources.insert(workspace, anew)) return (await services.sources.get(workspace, name)).value;
  return changeSource(services, { workspace, name, ifMatch: null }, (record) => {
    checkType(record, type);
    const taken = sourceEnvironments.find((one) => wanted[one] && record.definitions[one]);
    if (taken)
      throw new UserError("ALREADY_EXISTS", `data source "${name}" has been configured for ${taken} again meanwhile`, {
        hint: "Rename or delete the present one, then restore.",
      });
    return { ...record, definitions: { ...record.definitions, ...wanted } };
  });
}
