import { counted } from "../model/counted.js";
import { UserError } from "../model/errors.js";
import type { JobSummary } from "../model/stored-job.js";
import type { SourceEnvironment, WorkspaceMode } from "../model/workspace.js";
import type { Services } from "../services.js";
import { splitName } from "./find-source.js";

/** A job that uses a data source, and in which of its versions. */
export interface SourceUse {
  readonly workspace: string;
  readonly job: string;
  readonly versions: readonly ("draft" | "production")[];
}

/** A use with what a change would do to it. */
export interface AffectedUse extends SourceUse {
  readonly consequence: string;
}

/** A change is refused because jobs use the data source; `issues` lists them. */
export class SourceInUse extends UserError {
  readonly issues: readonly (AffectedUse & { readonly message: string })[];

  /** @param hint  where `force` is no way out: what is */
  constructor(message: string, uses: readonly AffectedUse[], hint?: string) {
    super("SOURCE_IN_USE", message, { hint });
    this.issues = uses.map((use) => ({
      message: `job "${use.job}" of workspace "${use.workspace}": ${use.consequence}`,
      ...use,
    }));
  }
}

/** A number of jobs, as a sentence has it. */
export function countedJobs(jobs: number): string {
  return counted(jobs, "job");
}

/**
 * Notes which data sources a job is about to use. Before the job is stored: an entry too many is harmless, since the
 * job itself is asked again, a missing one would hide a use.
 */
export async function noteUses(
  services: Pick<Services, "sources">,
  { workspace, job }: { readonly workspace: string; readonly job: string },
  names: readonly string[],
): Promise<void> {
  await Promise.all(
    names.map((name) => {
      const { owner, own } = splitName(workspace, name);
      return services.sources.noteUse(owner, own, `${workspace}/${job}`);
    }),
  );
}

/** The jobs whose saved versions use a data source, in its own workspace and where it is shared. */
export async function usesOf(
  services: Pick<Services, "sources" | "jobs">,
  owner: string,
  name: string,
): Promise<readonly SourceUse[]> {
  const users = await services.sources.users(owner, name);
  const uses = await Promise.all(users.map((user) => useBy(services, user, { owner, name })));
  return uses.flatMap((use) => (use ? [use] : []));
}

async function useBy(
  services: Pick<Services, "jobs">,
  user: string,
  { owner, name }: { readonly owner: string; readonly name: string },
): Promise<SourceUse | undefined> {
  const [workspace = "", job = ""] = user.split("/");
  const found = await services.jobs.findBrief(workspace, job);
  if (!found) return undefined;
  const versions = versionsNaming(found, (named) => {
    const place = splitName(workspace, named);
    return place.owner === owner && place.own === name;
  });
  return versions.length === 0 ? undefined : { workspace, job, versions };
}

function versionsNaming(
  { dataSources, production }: JobSummary,
  names: (dataSource: string) => boolean,
): SourceUse["versions"] {
  return [
    ...(dataSources.some(names) ? (["draft"] as const) : []),
    ...(production?.dataSources.some(names) ? (["production"] as const) : []),
  ];
}

/** What happens to a job when the data source is gone from these environments. */
export function consequenceOf(
  { versions }: SourceUse,
  gone: readonly SourceEnvironment[],
  mode: WorkspaceMode,
): string {
  const runs = versions.includes("production");
  if (mode === "basic") return "the job will fail at its next run";
  const parts: string[] = [];
  if (gone.includes("production")) {
    if (runs) parts.push("the production job will fail at its next run");
    if (versions.includes("draft")) parts.push("its draft can no longer be submitted");
  } else if (runs) parts.push("the production job goes on");
  if (gone.includes("development") && versions.includes("draft"))
    parts.push("its draft loses the metadata and cannot run in development");
  return parts.join("; ");
}

/** The uses of a data source with the consequence that its absence has for each. */
export async function affectedUses(
  services: Pick<Services, "sources" | "jobs" | "workspaces">,
  source: { readonly owner: string; readonly name: string },
  gone: readonly SourceEnvironment[],
): Promise<readonly AffectedUse[]> {
  const uses = await usesOf(services, source.owner, source.name);
  return Promise.all(
    uses.map(async (use) => {
      const { mode } = (await services.workspaces.get(use.workspace)).value;
      return { ...use, consequence: consequenceOf(use, gone, mode) };
    }),
  );
}
