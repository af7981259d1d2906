import type { Route } from "../../shared/http/router.js";
import { auditRoutes } from "./audit.js";
import { catalogRoutes } from "./catalog.js";
import { connectorRoutes } from "./connectors.js";
import type { ApiContext } from "./context.js";
import { dataSourceActionRoutes } from "./data-source-actions.js";
import { dataSourceFileRoutes } from "./data-source-files.js";
import { dataSourceGrantRoutes } from "./data-source-grants.js";
import { dataSourceTestRoutes } from "./data-source-tests.js";
import { dataSourceRoutes } from "./data-sources.js";
import { instanceRoutes } from "./instances.js";
import { jobVersionRoutes } from "./job-versions.js";
import { jobRoutes } from "./jobs.js";
import { memberRoutes } from "./members.js";
import { openApiRoute } from "./openapi.js";
import { quotaRoutes } from "./quotas.js";
import { runRoutes } from "./runs.js";
import { scriptRoutes } from "./scripts.js";
import { tokenRoutes } from "./tokens.js";
import { workspaceRoutes } from "./workspaces.js";

/** All routes of the API: the table of who may call what, and the source of the OpenAPI document. */
export const routes: readonly Route<ApiContext>[] = [
  ...dataSourceRoutes,
  ...dataSourceActionRoutes,
  ...dataSourceTestRoutes,
  ...dataSourceGrantRoutes,
  ...catalogRoutes,
  ...dataSourceFileRoutes,
  ...connectorRoutes,
  ...workspaceRoutes,
  ...quotaRoutes,
  ...jobRoutes,
  ...jobVersionRoutes,
  ...instanceRoutes,
  ...runRoutes,
  ...scriptRoutes,
  ...tokenRoutes,
  ...memberRoutes,
  ...auditRoutes,
  openApiRoute(() => routes),
];
