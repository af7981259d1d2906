import { auditEndpoints } from "./audit.js";
import { catalogEndpoints } from "./catalog.js";
import { connectorEndpoints } from "./connectors.js";
import { dataSourceActionEndpoints } from "./data-source-actions.js";
import { dataSourceFileEndpoints } from "./data-source-files.js";
import { dataSourceGrantEndpoints } from "./data-source-grants.js";
import { dataSourceTestEndpoints } from "./data-source-tests.js";
import { dataSourceEndpoints } from "./data-sources.js";
import { instanceEndpoints } from "./instances.js";
import { jobVersionEndpoints } from "./job-versions.js";
import { jobEndpoints } from "./jobs.js";
import { memberEndpoints } from "./members.js";
import { openApiEndpoints } from "./openapi.js";
import { quotaEndpoints } from "./quotas.js";
import { runEndpoints } from "./runs.js";
import { scriptEndpoints } from "./scripts.js";
import { tokenEndpoints } from "./tokens.js";
import { workspaceEndpoints } from "./workspaces.js";

/** Every call of the API, by the name that clients call it by. */
export const endpoints = {
  ...dataSourceEndpoints,
  ...dataSourceActionEndpoints,
  ...dataSourceTestEndpoints,
  ...dataSourceGrantEndpoints,
  ...catalogEndpoints,
  ...dataSourceFileEndpoints,
  ...connectorEndpoints,
  ...workspaceEndpoints,
  ...quotaEndpoints,
  ...jobEndpoints,
  ...jobVersionEndpoints,
  ...instanceEndpoints,
  ...runEndpoints,
  ...scriptEndpoints,
  ...tokenEndpoints,
  ...memberEndpoints,
  ...auditEndpoints,
  ...openApiEndpoints,
} as const;
