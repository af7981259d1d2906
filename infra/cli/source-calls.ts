import type { DataSourceView } from "../../shared/model/data-source.js";
import type { JsonObject } from "../../shared/model/json.js";
import type { Quotas } from "../../shared/model/quotas.js";
import {
  DEFAULT_WORKSPACE,
  type SourceEnvironment,
  type UploadPlace,
  type Workspace,
  type WorkspaceMode,
} from "../../shared/model/workspace.js";
import type { Page } from "./page.js";
import { type ApiAddress, type Query, request, send } from "./request.js";

/** What `POST /v1/data-sources` takes. */
export interface DataSourceRequest extends DefinitionRequest {
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** What `PUT /v1/data-sources/{name}` takes. */
export interface DefinitionRequest {
  readonly environment?: SourceEnvironment;
  readonly properties?: JsonObject;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly resourceGroup?: string | null;
}

/** The answer of a connectivity test. */
export interface ConnectionTest {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly durationMs: number;
    readonly message: string;
    readonly hint?: string;
  }[];
}

/** One result of many tests. */
export type TestedItem =
  | (ConnectionTest & { readonly name: string })
  | { readonly name: string; readonly ok: false; readonly error: { readonly message: string; readonly hint: string } };

/** A definition that can be restored. */
export interface DeletedSource {
  readonly name: string;
  readonly type: string;
  readonly environment: SourceEnvironment;
  readonly deletedAt: string;
  readonly restorableUntil: string;
}

/** What a test is asked for. */
export interface TestWish {
  readonly environment?: SourceEnvironment;
  readonly write?: boolean;
}

/** A job that a change breaks, and how. */
export interface AffectedJob {
  readonly workspace: string;
  readonly job: string;
  readonly consequence: string;
}

/** The answer of a deletion. */
export interface Deletion {
  readonly name: string;
  readonly deleted: readonly SourceEnvironment[];
  readonly restorableUntil: string;
  readonly affected: readonly AffectedJob[];
}

/** The answer of an import. */
export interface ImportReport {
  readonly dryRun: boolean;
  readonly imported: number;
  readonly refused: number;
  readonly rows: readonly {
    readonly line: number;
    readonly ok: boolean;
    readonly action: string | null;
    readonly name: string | null;
    readonly environment: string | null;
    readonly error: { readonly message: string } | null;
  }[];
}

/** A workspace with what is left to configure. */
export interface WorkspaceView extends Workspace {
  readonly incomplete: readonly { readonly name: string; readonly missing: readonly SourceEnvironment[] }[];
}

/** Calls about data sources. */
export function dataSourceCalls(address: ApiAddress) {
  const root = "/v1/data-sources";
  const path = (name: string, ...more: string[]): string =>
    [root, ...[name, ...more].map(encodeURIComponent)].join("/");
  return {
    createDataSource: (body: DataSourceRequest) =>
      request<DataSourceView>(address, { method: "POST", path: root, body, once: true }),
    dataSources: (query: Query) => request<Page<DataSourceView>>(address, { method: "GET", path: root, query }),
    dataSource: (name: string) => request<DataSourceView>(address, { method: "GET", path: path(name) }),
    changeDataSource: (name: string, body: DefinitionRequest, ifMatch: number) =>
      request<DataSourceView>(address, { method: "PUT", path: path(name), body, ifMatch, once: true }),
    testDataSource: (name: string, body: TestWish = {}) =>
      request<ConnectionTest>(address, { method: "POST", path: path(name, "test"), body }),
    testDataSources: (body: TestWish & { names: readonly string[] }) =>
      request<{ items: readonly TestedItem[] }>(address, {
        method: "POST",
        path: "/v1/data-source-batches/test",
        body,
      }),
    deletedDataSources: (query: Query) =>
      request<Page<DeletedSource>>(address, { method: "GET", path: "/v1/deleted-data-sources", query }),
    testProperties: (body: { type: string; properties: JsonObject; resourceGroup: string | null }) =>
      request<ConnectionTest>(address, { method: "POST", path: "/v1/data-source-tests", body }),
    cloneDataSource: (name: string, body: object) =>
      request<DataSourceView>(address, { method: "POST", path: path(name, "clone"), body, once: true }),
    deleteDataSource: (name: string, query: Query) =>
      request<Deletion>(address, { method: "DELETE", path: path(name), query, once: true }),
    restoreDataSource: (name: string, body: { environment?: SourceEnvironment }) =>
      request<DataSourceView>(address, { method: "POST", path: path(name, "restore"), body, once: true }),
    grantDataSource: (name: string, workspace: string, body: { environments: readonly SourceEnvironment[] }) =>
      request<DataSourceView>(address, { method: "PUT", path: path(name, "grants", workspace), body }),
    revokeDataSource: (name: string, workspace: string, query: Query) =>
      request<{ affected: readonly AffectedJob[] }>(address, {
        method: "DELETE",
        path: path(name, "grants", workspace),
        query,
        once: true,
      }),
    ...fileCalls(address),
  };
}

function fileCalls(address: ApiAddress) {
  const text = async (path: string, query: Query = {}): Promise<string> =>
    (await send(address, { method: "GET", path, query })).text();
  return {
    importDataSources: (body: { format: string; content: string; dryRun: boolean }) =>
      request<ImportReport>(address, { method: "POST", path: "/v1/data-source-imports", body, once: true }),
    importTemplate: (type: string) => text(`/v1/data-source-imports/template/${encodeURIComponent(type)}`),
    exportDataSources: (format: string) => text("/v1/data-source-exports", { format }),
  };
}

/** Per quota its limit and what is used of it; null for what is no sum. */
export type QuotasView = Readonly<Record<keyof Quotas, { readonly limit: number; readonly used: number | null }>>;

/** Calls about workspaces. */
export function workspaceCalls(address: ApiAddress) {
  const path = (name: string): string => `/v1/workspaces/${encodeURIComponent(name)}`;
  return {
    createWorkspace: (body: { name: string; mode: WorkspaceMode; description: string; timeZone?: string }) =>
      request<Workspace>(address, { method: "POST", path: "/v1/workspaces", body, once: true }),
    workspaces: (query: Query) => request<Page<Workspace>>(address, { method: "GET", path: "/v1/workspaces", query }),
    // A caller's role is one in the workspace itself.
    workspace: (name: string) =>
      request<WorkspaceView>({ ...address, workspace: name }, { method: "GET", path: path(name) }),
    // Grants are the installation's: its own workspace asks.
    changeUploadGrants: (name: string, { bucket, prefix }: UploadPlace, revoke: boolean) =>
      request<Workspace>(
        { ...address, workspace: DEFAULT_WORKSPACE },
        revoke
          ? { method: "DELETE", path: `${path(name)}/upload-grants`, query: { bucket, prefix } }
          : { method: "PUT", path: `${path(name)}/upload-grants`, body: { bucket, prefix } },
      ),
    setWorkspaceZone: (name: string, timeZone: string) =>
      request<Workspace>(
        { ...address, workspace: name },
        { method: "PUT", path: `${path(name)}/time-zone`, body: { timeZone } },
      ),
    upgradeWorkspace: (name: string) =>
      request<WorkspaceView>(
        { ...address, workspace: name },
        { method: "POST", path: `${path(name)}/upgrade`, once: true },
      ),
    quotas: (name: string) => request<QuotasView>(address, { method: "GET", path: `${path(name)}/quotas` }),
    setQuotas: (name: string, body: Partial<Quotas>) =>
      request<QuotasView>(address, { method: "PUT", path: `${path(name)}/quotas`, body }),
  };
}
