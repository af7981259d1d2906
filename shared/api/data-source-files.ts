import { z } from "zod";
import { importFormats } from "../model/import-formats.js";
import { sourceEnvironments } from "../model/workspace.js";
import type { Endpoint } from "./endpoint.js";
import { errorReport } from "./reports.js";

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
});

/** Import and export data sources as files. */
export const dataSourceFileEndpoints = {
  importDataSources: {
    method: "POST",
    path: "/v1/data-source-imports",
    role: "admin",
    summary: "Import data sources from CSV or JSON lines; dryRun only judges the rows",
    result: "a verdict per row; `content` is CSV or JSON lines as text",
    body: importBody,
    answer: importReport,
  },
  importTemplate: {
    method: "GET",
    path: "/v1/data-source-imports/template/{type}",
    role: "viewer",
    summary: "A CSV file to fill in, for one type of data source",
    result: "a CSV file to fill in",
    answer: z.string(),
    answerType: "text/csv",
  },
  exportDataSources: {
    method: "GET",
    path: "/v1/data-source-exports",
    role: "admin",
    summary: "All data sources as CSV or JSON lines, without secrets",
    result: "all data sources, without secrets",
    query: exportQuery,
    answer: z.string(),
    answerType: ["text/csv", "application/x-ndjson"],
  },
} as const satisfies Record<string, Endpoint>;
