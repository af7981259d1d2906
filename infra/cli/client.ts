import type { ComingTime } from "../../shared/calendar/coming-times.js";
import type { ConnectorSummary, ConnectorView } from "../../shared/model/connector-view.js";
import type { KeptDirtyRecord } from "../../shared/model/dirty-record.js";
import type { Warning } from "../../shared/model/job.js";
import type { PlanReport } from "../../shared/model/plan.js";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import type { JobSummary, StoredJob } from "../../shared/model/stored-job.js";
import type { SourceEnvironment } from "../../shared/model/workspace.js";
import { identityCalls } from "./identity-calls.js";
import type { Page } from "./page.js";
import { type ApiAddress, type Query, request, send } from "./request.js";
import { dataSourceCalls, workspaceCalls } from "./source-calls.js";

/** Values for `${name}` in a job script. */
export type Parameters = Readonly<Record<string, string>>;

/** What a run executes. */
export type RunRequest = ({ readonly job: string } | { readonly script: string }) & {
  readonly parameters: Parameters;
  readonly environment?: SourceEnvironment;
  /** Asking twice with the same key starts one run. */
  readonly idempotencyKey: string;
};

/** What `PUT /v1/jobs/{name}` takes. */
export interface JobRequest {
  readonly script: string;
  readonly schedule?: StoredJob["schedule"];
  readonly subscription?: StoredJob["subscription"];
  readonly parameters?: Parameters;
}

/** The planned times of a job that come next; none when it has no schedule. */
export interface JobCalendar {
  readonly schedule: StoredJob["schedule"];
  readonly times: readonly ComingTime[];
}

/** A page of dirty records. */
export interface DirtyPage extends Page<KeptDirtyRecord> {
  /** Dirty records of the run. */
  readonly total: number;
  /** How many of them are kept: the list ends there. */
  readonly kept: number;
}

/** The HTTP API of Sluice, docs/api.md: one function per call. Every one throws ApiProblem and Unreachable. */
export type Client = ReturnType<typeof apiClient>;

/** Makes a client of the API at an address. */
export function apiClient(address: ApiAddress) {
  return {
    ...dataSourceCalls(address),
    ...workspaceCalls(address),
    ...jobCalls(address),
    ...scriptCalls(address),
    ...runCalls(address),
    ...identityCalls(address),
  };
}

function jobCalls(address: ApiAddress) {
  const path = (name: string): string => `/v1/jobs/${encodeURIComponent(name)}`;
  return {
    putJob: (name: string, body: JobRequest) =>
      request<StoredJob>(address, { method: "PUT", path: path(name), body: { ...body } }),
    jobs: (query: Query) => request<Page<JobSummary>>(address, { method: "GET", path: "/v1/jobs", query }),
    job: (name: string) => request<StoredJob>(address, { method: "GET", path: path(name) }),
    calendar: (name: string, query: Query) =>
      request<JobCalendar>(address, { method: "GET", path: `${path(name)}/calendar`, query }),
    submitJob: (name: string) => request<StoredJob>(address, { method: "POST", path: `${path(name)}/submit` }),
  };
}

function scriptCalls(address: ApiAddress) {
  return {
    validate: (script: string, parameters: Parameters) =>
      request<{ warnings: readonly Warning[]; script: unknown }>(address, {
        method: "POST",
        path: "/v1/validate",
        body: { script, parameters },
      }),
    plan: (script: string, parameters: Parameters) =>
      request<PlanReport>(address, { method: "POST", path: "/v1/plan", body: { script, parameters } }),
    connectors: () =>
      request<{ items: readonly ConnectorSummary[] }>(address, { method: "GET", path: "/v1/connectors" }),
    connector: (type: string) =>
      request<ConnectorView>(address, { method: "GET", path: `/v1/connectors/${encodeURIComponent(type)}` }),
    template: (reader: string, writer: string) =>
      request<{ script: unknown }>(address, {
        method: "GET",
        path: `/v1/templates/${encodeURIComponent(reader)}/${encodeURIComponent(writer)}`,
      }),
  };
}

function runCalls(address: ApiAddress) {
  const path = (id: string): string => `/v1/runs/${encodeURIComponent(id)}`;
  return {
    startRun: (body: RunRequest) => request<Run>(address, { method: "POST", path: "/v1/runs", body: { ...body } }),
    runs: (query: Query) => request<Page<Run>>(address, { method: "GET", path: "/v1/runs", query }),
    run: (id: string) =>
      request<{ run: Run; splits: readonly SplitView[] }>(address, { method: "GET", path: path(id) }),
    cancelRun: (id: string) => request<Run>(address, { method: "POST", path: `${path(id)}/cancel` }),
    dirty: (id: string, query: Query) =>
      request<DirtyPage>(address, { method: "GET", path: `${path(id)}/dirty`, query }),
    /** All kept dirty records as JSON lines, page by page. */
    async *dirtyLines(id: string): AsyncGenerator<string> {
      let page: string | null = null;
      do {
        const answer: Response = await send(address, {
          method: "GET",
          path: `${path(id)}/dirty/download`,
          query: { page },
        });
        yield await answer.text();
        page = answer.headers.get("x-next-page");
      } while (page !== null);
    },
  };
}
