import type { RunRecord } from "./model/run.js";
import type { Documents } from "./platform/documents.js";
import type { Invoker } from "./platform/invoker.js";
import type { Log } from "./platform/log.js";
import type { Objects } from "./platform/objects.js";
import type { ResourceGroups } from "./platform/resource-groups.js";
import type { SecretBox } from "./secrets/seal.js";
import { type AgreementsStore, createAgreementsStore } from "./store/agreements-store.js";
import { type AnswersStore, createAnswersStore } from "./store/answers-store.js";
import { type AuditStore, createAuditStore } from "./store/audit-store.js";
import { createDueOrders } from "./store/due-orders.js";
import { createDueStore, type DueStore } from "./store/due-store.js";
import { createInstancesStore, type InstancesStore } from "./store/instances-store.js";
import { createJobVersionsStore, type JobVersionsStore } from "./store/job-versions-store.js";
import { createJobsStore, type JobsStore } from "./store/jobs-store.js";
import { createMembersStore, type MembersStore } from "./store/members-store.js";
import { createPlanningStore, type PlanningStore } from "./store/planning-store.js";
import { createQuotasStore, type QuotasStore } from "./store/quotas-store.js";
import type { ResumablesStore } from "./store/resumables-store.js";
import type { RunEndsStore } from "./store/run-ends-store.js";
import { createRunsStore, type RunsStore } from "./store/runs-store.js";
import { createSchedulesStore, type SchedulesStore } from "./store/schedules-store.js";
import { createSeatsStore, type SeatsStore } from "./store/seats-store.js";
import { createSlotsStore, type SlotsStore } from "./store/slots-store.js";
import { createSourcesStore, type SourcesStore } from "./store/sources-store.js";
import { createSplitsStore, type SplitsStore } from "./store/splits-store.js";
import { createStartsStore, type StartsStore } from "./store/starts-store.js";
import { storeTables } from "./store/tables.js";
import { createThrottlesStore, type ThrottlesStore } from "./store/throttles-store.js";
import { createTokensStore, type TokensStore } from "./store/tokens-store.js";
import { createUsageStore, type UsageStore } from "./store/usage-store.js";
import { createWaitsStore, type WaitsStore } from "./store/waits-store.js";
import { createWorkspacesStore, type WorkspacesStore } from "./store/workspaces-store.js";

/** Something that is to happen once a run has ended, whoever ended it. */
export interface RunEndListener {
  /** Stored with what is left to be told: never renamed, and unlike all others. */
  readonly name: string;
  /** Called at least once for each run, in any state of ending; what it throws has it called again later. 20 s at most. */
  hear(services: Services, run: RunRecord): Promise<void>;
}

/** What all rooms work with: stores, platform, clock. Made once per invocation. */
export interface Services {
  readonly documents: Documents;
  readonly runs: RunsStore;
  readonly splits: SplitsStore;
  readonly seats: SeatsStore;
  readonly agreements: AgreementsStore;
  readonly jobs: JobsStore;
  readonly jobVersions: JobVersionsStore;
  readonly sources: SourcesStore;
  readonly workspaces: WorkspacesStore;
  readonly starts: StartsStore;
  readonly due: DueStore;
  readonly schedules: SchedulesStore;
  readonly instances: InstancesStore;
  readonly waits: WaitsStore;
  readonly slots: SlotsStore;
  readonly quotas: QuotasStore;
  readonly planning: PlanningStore;
  readonly runEnds: RunEndsStore;
  readonly resumables: ResumablesStore;
  readonly answers: AnswersStore;
  readonly auditTrail: AuditStore;
  readonly members: MembersStore;
  readonly throttles: ThrottlesStore;
  readonly tokens: TokensStore;
  readonly usage: UsageStore;
  readonly objects: Objects;
  readonly invoker: Invoker;
  readonly secretBox: SecretBox;
  readonly resourceGroups: ResourceGroups;
  /** Of the deployment, such as `dev`: part of the names of its functions and buckets. */
  readonly stage: string;
  /** The resource group in whose network this function runs. */
  readonly group: string;
  /** Given by the function: rooms above `runs` hang on the end of a run without its knowing them. */
  readonly runEndListeners: readonly RunEndListener[];
  readonly log: Log;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Puts the stores on top of the platform. */
export function createServices(
  platform: Pick<
    Services,
    "documents" | "objects" | "invoker" | "secretBox" | "resourceGroups" | "stage" | "group" | "log" | "now"
  > &
    Partial<Pick<Services, "runEndListeners">>,
): Services {
  const { documents } = platform;
  return {
    runEndListeners: [],
    ...platform,
    runs: createRunsStore(documents),
    splits: createSplitsStore(documents),
    seats: createSeatsStore(documents),
    agreements: createAgreementsStore(documents),
    jobs: createJobsStore(documents),
    jobVersions: createJobVersionsStore(documents),
    sources: createSourcesStore(documents),
    workspaces: createWorkspacesStore(documents),
    starts: createStartsStore(documents),
    due: createDueStore(documents),
    schedules: createSchedulesStore(documents),
    instances: createInstancesStore(documents),
    waits: createWaitsStore(documents),
    slots: createSlotsStore(documents),
    quotas: createQuotasStore(documents),
    planning: createPlanningStore(documents),
    runEnds: createDueOrders(documents, storeTables.runEnds),
    resumables: createDueOrders(documents, storeTables.resumables),
    usage: createUsageStore(documents),
    tokens: createTokensStore(documents),
    throttles: createThrottlesStore(documents),
    members: createMembersStore(documents),
    auditTrail: createAuditStore(documents),
    answers: createAnswersStore(documents),
  };
}

/** The present as an ISO time. */
export function isoNow(services: Pick<Services, "now">): string {
  return new Date(services.now()).toISOString();
}
