import { connectorName } from "../connectors/registry.js";
import type { DataSourceView } from "../model/data-source.js";
import type { SourceEnvironment, Workspace } from "../model/workspace.js";
import type { Services } from "../services.js";
import { findVisible } from "./find-source.js";
import { type VisibleSource, viewSource } from "./view-source.js";
import { ownSources } from "./workspaces.js";

/** Which data sources to list; absent = all. */
export interface SourceFilter {
  readonly type?: string | undefined;
  /** Configured for it. */
  readonly environment?: SourceEnvironment | undefined;
  /** Part of the name, in any case. */
  readonly name?: string | undefined;
  readonly tag?: string | undefined;
  /** Result of the last test in any environment; `unknown` = not tested. */
  readonly connectivity?: "ok" | "failed" | "unknown" | undefined;
  /** May be chosen for a job that runs there. */
  readonly usableIn?: SourceEnvironment | undefined;
}

/**
 * Lists the data sources that a workspace sees: its own by name, then those shared with it by name.
 *
 * @param page  the name after which to go on: what is added or removed elsewhere repeats and skips nothing
 */
export async function listSources(
  services: Services,
  workspace: Workspace,
  { filter, limit, page }: { filter: SourceFilter; limit: number; page: string | null },
): Promise<{ items: readonly DataSourceView[]; nextPage: string | null }> {
  const found: VisibleSource[] = [];
  for await (const source of visibleSources(services, workspace, page)) {
    if (fits(source, workspace, filter)) found.push(source);
    if (found.length > limit) break;
  }
  const listed = found.slice(0, limit);
  const items = await Promise.all(listed.map((source) => viewSource(source, workspace.mode)));
  return { items, nextPage: found.length > limit ? (listed.at(-1)?.name ?? null) : null };
}

/** All data sources that a workspace sees, after a name; only those of others have a dot in it. */
async function* visibleSources(
  services: Services,
  { name: workspace }: Workspace,
  after: string | null,
): AsyncGenerator<VisibleSource> {
  const inShared = after?.includes(".") === true;
  if (!inShared)
    for await (const record of ownSources(services, workspace, after))
      yield { name: record.name, owner: workspace, isShared: false, record };
  for (const name of await services.sources.shared(workspace)) {
    if (inShared && after !== null && name <= after) continue;
    const source = await findVisible(services, workspace, name);
    if (source) yield source;
  }
}

function fits({ name, record }: VisibleSource, { mode }: Workspace, filter: SourceFilter): boolean {
  const definitions = Object.values(record.definitions);
  const { type, environment, tag, connectivity, usableIn } = filter;
  // A basic workspace has one definition, and it is used whatever the caller has in mind.
  const needed = usableIn && (mode === "basic" ? "production" : usableIn);
  return (
    (type === undefined || (connectorName(type) ?? type) === record.type) &&
    (environment === undefined || record.definitions[environment] !== undefined) &&
    (needed === undefined || record.definitions[needed] !== undefined) &&
    (filter.name === undefined || name.toLowerCase().includes(filter.name.toLowerCase())) &&
    (tag === undefined || definitions.some(({ tags }) => tags.includes(tag))) &&
    (connectivity === undefined || definitions.some((one) => stateOf(one.connectivity) === connectivity))
  );
}

function stateOf(connectivity: { readonly ok: boolean } | null): SourceFilter["connectivity"] {
  if (connectivity === null) return "unknown";
  return connectivity.ok ? "ok" : "failed";
}
