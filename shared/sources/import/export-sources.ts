import Papa from "papaparse";
import { describeFields } from "../../connectors/params/describe.js";
import { loadConnector } from "../../connectors/registry.js";
import type { DataSourceRecord } from "../../model/data-source.js";
import type { ImportFormat } from "../../model/import-formats.js";
import type { JsonObject } from "../../model/json.js";
import { sourceEnvironments, type Workspace } from "../../model/workspace.js";
import type { Services } from "../../services.js";
import { ownSources } from "../workspaces.js";

const firstColumns = ["type", "name", "description", "environment", "tags", "resourceGroup"];

/** All own data sources of a workspace, one row per definition, without secrets; `importSources` reads it back. */
export async function exportSources(services: Services, workspace: Workspace, format: ImportFormat): Promise<string> {
  const rows: JsonObject[] = [];
  for await (const record of ownSources(services, workspace.name)) rows.push(...rowsOf(record));
  if (format === "jsonl") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const properties = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => !firstColumns.includes(name),
  );
  return csvOf([...firstColumns, ...properties], rows);
}

function rowsOf({ name, type, definitions }: DataSourceRecord): JsonObject[] {
  return sourceEnvironments.flatMap((environment, number) => {
    const definition = definitions[environment];
    if (!definition) return [];
    const { description, tags, resourceGroup, properties } = definition;
    const common = { type, name, description, environment: number, tags: tags.join(","), resourceGroup };
    return [{ ...common, ...properties }];
  });
}

/**
 * A file to fill in and import, for one type: its columns, and an example of a row per environment.
 * Databases are told by URL, as the templates for MySQL, SQL Server and Oracle do; others by their properties.
 */
export async function importTemplate(type: string): Promise<string> {
  const connector = await loadConnector(type);
  const fields = describeFields(connector.source.schema).filter(({ hidden }) => !hidden);
  const isDatabase = fields.some(({ name }) => name === "username");
  const columns = isDatabase
    ? ["type", "name", "description", "environment", "url", "user", "password"]
    : ["type", "name", "description", "environment", ...fields.map(({ name }) => name)];
  const url = `jdbc:${connector.name}://host:port/database`;
  const rows = [0, 1].map((environment) => ({
    ...{ type: connector.name, name: "example", description: "", environment },
    ...(isDatabase && { url: urlForms[connector.name] ?? url }),
  }));
  return csvOf(columns, rows);
}

/** How the URL of a database is written, where it is not the usual form. */
const urlForms: Readonly<Record<string, string>> = {
  sqlserver: "jdbc:sqlserver://host:1433;databaseName=database",
  oracle: "jdbc:oracle:thin:@//host:1521/service",
};

function csvOf(fields: readonly string[], rows: readonly JsonObject[]): string {
  const cells = rows.map((row) => fields.map((field) => cellOf(row[field])));
  return `${Papa.unparse({ fields: [...fields], data: cells }, { escapeFormulae: true, newline: "\n" })}\n`;
}

function cellOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? "");
}
