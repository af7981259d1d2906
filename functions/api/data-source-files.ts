import { z } from "zod";
import { type HttpResponse, json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { errorReport } from "../../shared/looks/look-orders.js";
import { sourceEnvironments } from "../../shared/model/workspace.js";
import { importFormats } from "../../shared/sources/import/formats.js";
import type { ImportReport } from "../../shared/sources/import/import-sources.js";
import type { ApiContext } from "./context.js";
import { homeOf } from "./data-sources.js";

const importBody = z.object({
  format: z.enum(importFormats, { error: 'expected "csv" or "jsonl"' }).default("csv"),
  content: z.string({ error: "expected the text of the file" }).max(4_194_304),
  dryRun: z.boolean().default(false),
});

const exportQuery = z.object({ format: z.enum(importFormats).default("csv") });

const importReport = z.object({
  dryRun: z.boolean(),
  imported: z.int(),
  refused: z.int(),
  rows: z.array(
    z.object({
      line: z.int(),
      ok: z.boolean(),
      action: z.enum(["create", "configure"]).nullable(),
      name: z.string().nullable(),
      type: z.string().nullable(),
      environment: z.enum(sourceEnvironments).nullable(),
      error: errorReport.pick({ code: true, message: true, path: true }).nullable(),
    }),
  ),
}) satisfies z.ZodType<ImportReport>;

/** Import and export data sources as files. */
export const dataSourceFileRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-source-imports",
    role: "admin",
    summary: "Import data sources from CSV or JSON lines; dryRun only judges the rows",
    body: importBody,
    answer: importReport,
    async handle(request, _names, context) {
      const body = parseBody(request, importBody);
      const { importSources } = await import("../../shared/sources/import/import-sources.js");
      const report = await importSources(context.services, await homeOf(context), body);
      if (report.imported > 0 && !body.dryRun) {
        const after = report.rows.filter(({ ok }) => ok).map(({ name, environment }) => ({ name, environment }));
        await context.audit({ action: "dataSource.import", object: "data-sources", after });
      }
      return json(200, report);
    },
  },
  {
    method: "GET",
    path: "/v1/data-source-imports/template/{type}",
    role: "viewer",
    summary: "A CSV file to fill in, for one type of data source",
    answer: z.string(),
    answerType: "text/csv",
    async handle(_request, { type = "" }) {
      const { importTemplate } = await openExport();
      return file("text/csv", await importTemplate(type));
    },
  },
  {
    method: "GET",
    path: "/v1/data-source-exports",
    role: "admin",
    summary: "All data sources as CSV or JSON lines, without secrets",
    query: exportQuery,
    answer: z.string(),
    answerType: ["text/csv", "application/x-ndjson"],
    async handle(request, _names, context) {
      const { format } = parseQuery(request, exportQuery);
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
