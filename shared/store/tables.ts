import type { Documents, DocumentTable } from "../platform/documents.js";

const text = (name: string) => ({ name, type: "STRING" as const });
const integer = (name: string) => ({ name, type: "INTEGER" as const });

/** All tables of Sluice. Names and keys are layout: they never change without a migration. */
export const storeTables = {
  /** (workspace, name) → data source. */
  sources: { name: "sluice_sources", key: [text("workspace"), text("name")] },
  /** (name) → workspace. */
  workspaces: { name: "sluice_workspaces", key: [text("name")] },
  /** (workspace, data source, using workspace/job) → nothing: jobs that may use it; the jobs themselves know. */
  sourceUses: { name: "sluice_source_uses", key: [text("workspace"), text("source"), text("job")] },
  /** (workspace, owner.name) → nothing: data sources that may be shared with it; the sources themselves know. */
  sharedSources: { name: "sluice_shared_sources", key: [text("workspace"), text("source")] },
  /** (workspace, name, time and environment) → definition that was deleted and may be restored. */
  deletedSources: { name: "sluice_deleted_sources", key: [text("workspace"), text("name"), text("at")] },
  /** (workspace, name) → stored job. */
  jobs: { name: "sluice_jobs", key: [text("workspace"), text("name")] },
  /** (workspace, name, inverted version) → a version of a job that another one has replaced: newest first. */
  jobVersions: { name: "sluice_job_versions", key: [text("workspace"), text("job"), text("version")] },
  /** (run) → run. Run ids begin with a hash or random text, so partitions spread. */
  runs: { name: "sluice_runs", key: [text("run")] },
  /** (workspace, inverted time + run) → reference to a run: newest first. */
  runIndex: { name: "sluice_run_index", key: [text("workspace"), text("at")] },
  /** (workspace, [job, state] as JSON, inverted time + run) → reference to a run of that job, or that ended so: newest first. */
  runsBy: { name: "sluice_runs_by", key: [text("workspace"), text("facet"), text("at")] },
  /** (part, time + run) → order to tell the listeners that a run has ended. */
  runEnds: { name: "sluice_run_ends", key: [text("bucket"), text("at")] },
  /** (part, time + run) → order to take away what a broken-off run keeps for being resumed. */
  resumables: { name: "sluice_resumables", key: [text("bucket"), text("at")] },
  /** (name) → quotas that an admin of the installation gave a workspace. */
  quotas: { name: "sluice_quotas", key: [text("workspace")] },
  /** (workspace, run) → reference to a run that has not ended: what the sweep looks at. */
  activeRuns: { name: "sluice_active_runs", key: [text("kind"), text("run")] },
  /** ("planning") → runs that are planned at the moment. */
  planning: { name: "sluice_planning", key: [text("name")] },
  /** (workspace, time + run) → run that waits to be planned. */
  planningQueue: { name: "sluice_planning_queue", key: [text("workspace"), text("at")] },
  /** (run, number) → split. */
  splits: { name: "sluice_splits", key: [text("run"), integer("number")] },
  /** (run, number) → seat of a run: which shard may work there. Gone a day after its last change. */
  seats: { name: "sluice_seats", key: [text("run"), integer("seat")], keepSeconds: 86_400 },
  /** (run, planning and name) → value that all splits of the planning share. Gone a week later: what is agreed on, sessions, is long over then. */
  agreements: { name: "sluice_agreements", key: [text("run"), text("name")], keepSeconds: 7 * 86_400 },
  /** (part, time + what) → hint: look at this job, instance or group then; they themselves know. */
  due: { name: "sluice_due", key: [text("bucket"), text("at")] },
  /** (job key) → published schedule of a job: all that a tick needs of it. */
  schedules: { name: "sluice_schedules", key: [text("job")] },
  /** (job key, origin#label) → instance. */
  instances: { name: "sluice_instances", key: [text("job"), text("instance")] },
  /** (workspace/day, workspace/day/state or workspace/day/@job, time + job + origin) → reference to an instance, for lists by planned day. */
  instanceIndex: { name: "sluice_instance_index", key: [text("day"), text("at")] },
  /** (awaited instance, waiting instance) → who is to be looked at when the awaited one changes. */
  waits: { name: "sluice_waits", key: [text("awaited"), text("waiting")] },
  /** (resource group, priority + time + hash) → instance that waits for slots. */
  ready: { name: "sluice_ready", key: [text("group"), text("at")] },
  /** (resource group) → who holds its slots. */
  slots: { name: "sluice_slots", key: [text("group")] },
  /** (job key, dependant's job key) → nothing: jobs that may depend on it; their schedules know. */
  dependants: { name: "sluice_dependants", key: [text("job"), text("dependant")] },
  /** (OSS bucket, directory, workspace + job) → hint: this job may wait for uploads there; the job itself knows. */
  subscriptions: { name: "sluice_subscriptions", key: [text("bucket"), text("directory"), text("job")] },
  /** (name) → small facts of the whole installation, such as which indexes are complete. */
  state: { name: "sluice_state", key: [text("name")] },
  /** (run) → shares of the job-wide throttle. */
  throttles: { name: "sluice_throttles", key: [text("run")] },
  /** (run, invocation) → what that invocation used of Function Compute. */
  usage: { name: "sluice_usage", key: [text("run"), text("invocation")] },
  /** (hash) → API token. */
  tokens: { name: "sluice_tokens", key: [text("hash")] },
  /** (workspace, id) → reference to a token: what lists and revocations go by. */
  tokenIndex: { name: "sluice_token_index", key: [text("workspace"), text("id")] },
  /** (workspace, subject) → role of a person of the identity provider. */
  members: { name: "sluice_members", key: [text("workspace"), text("subject")] },
  /** (workspace, inverted time + id) → entry of the audit trail: newest first. */
  audit: { name: "sluice_audit", key: [text("workspace"), text("at")] },
  /** (hash of workspace, caller and idempotency key) → the answer given. Gone after a day. */
  answers: { name: "sluice_answers", key: [text("key")], keepSeconds: 86_400 },
} as const satisfies Record<string, DocumentTable>;

/** Creates the tables that do not exist yet, at once: for the local cloud. An account takes few such calls a second. */
export async function ensureTables(documents: Documents): Promise<void> {
  await Promise.all(Object.values(storeTables).map((table) => documents.ensureTable(table)));
}
