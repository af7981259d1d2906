import { dataSourceFileEndpoints } from "../../shared/api/data-source-files.js";
import { answered, type HttpResponse } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import type { ApiContext } from "./context.js";
import { homeOf } from "./data-sources.js";

/** Import and export data sources as files. */
export const dataSourceFileRoutes: readonly Route<ApiContext>[] = [
  {
    ...dataSourceFileEndpoints.importDataSources,
    async handle(request, _names, context) {
      const body = parseBody(request, dataSourceFileEndpoints.importDataSources.body);
      const { importSources } = await import("../../shared/sources/import/import-sources.js");
      const report = await importSources(context.services, await homeOf(context), body);
      if (report.imported > 0 && !body.dryRun) {
        const after = report.rows.filter(({ ok }) => ok).map(({ name, environment }) => ({ name, environment }));
        await context.audit({ action: "dataSource.import", object: "data-sources", after });
      }
      return answered(dataSourceFileEndpoints.importDataSources, report);
    },
  },
  {
    ...dataSourceFileEndpoints.importTemplate,
    async handle(_request, { type = "" }) {
      const { importTemplate } = await openExport();
      return file("text/csv", await importTemplate(type));
    },
  },
  {
    ...dataSourceFileEndpoints.exportDataSources,
    async handle(request, _names, context) {
      const { format } = parseQuery(request, dataSourceFileEndpoints.exportDataSources.query);
      const { exportSources } = await openExport();
      const text = await exportSources(context.services, await homeOf(context), format);
      return file(format === "csv" ? "text/csv" : "application/x-ndjson", text);
    },
  },
];

/** Files are rare: their code, a CSV parser with it, is loaded when one is asked for. */
function openExport() {
  return import("../../shared/sources/import/export-sources.js");
}

function file(type: string, body: string): HttpResponse {
  return { statusCode: 200, headers: { "content-type": type }, body, isBase64Encoded: false };
}
