import { loadConnector } from "../../connectors/registry.js";
import { type ErrorCode, toErrorReport, UserError } from "../../model/errors.js";
import type { ImportFormat } from "../../model/import-formats.js";
import type { SourceEnvironment, Workspace } from "../../model/workspace.js";
import { isoNow, type Services } from "../../services.js";
import { checkType, createSource, putDefinition } from "../change-source.js";
import { makeDefinition } from "../data-sources.js";
import { type ImportRow, readRows } from "./read-rows.js";
import { type RowSource, sourceOfRow } from "./row-source.js";

/** What became, or would become, of one row. */
export interface RowVerdict {
  readonly line: number;
  readonly ok: boolean;
  /** `create` = a new data source, `configure` = the other half of one that exists; null when refused. */
  readonly action: "create" | "configure" | null;
  readonly name: string | null;
  readonly type: string | null;
  readonly environment: SourceEnvironment | null;
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly path?: string } | null;
}

/** The result of an import, row by row. */
export interface ImportReport {
  readonly dryRun: boolean;
  readonly imported: number;
  readonly refused: number;
  readonly rows: readonly RowVerdict[];
}

/** A file to import. */
export interface ImportRequest {
  readonly format: ImportFormat;
  readonly content: string;
  /** Judge only. */
  readonly dryRun: boolean;
}

/**
 * Imports data sources, each row in whole or not at all; a bad row does not keep the others out.
 *
 * @throws UserError CONFIG_INVALID when the file as a whole cannot be read
 */
export async function importSources(
  services: Services,
  workspace: Workspace,
  { format, content, dryRun }: ImportRequest,
): Promise<ImportReport> {
  const earlier: RowSource[] = [];
  const rows: RowVerdict[] = [];
  for (const row of readRows(format, content)) rows.push(await takeRow(services, workspace, { row, earlier, dryRun }));
  const imported = rows.filter(({ ok }) => ok).length;
  return { dryRun, imported, refused: rows.length - imported, rows };
}

interface RowWork {
  readonly row: ImportRow;
  /** Rows before it that were taken. */
  readonly earlier: RowSource[];
  readonly dryRun: boolean;
}

async function takeRow(services: Services, workspace: Workspace, work: RowWork): Promise<RowVerdict> {
  const { row, earlier, dryRun } = work;
  const { line } = row;
  try {
    if (row.problem !== undefined) throw new UserError("CONFIG_INVALID", row.problem);
    const source = await sourceOfRow(row.fields, workspace);
    const action = await judge(services, workspace, { source, earlier });
    if (dryRun) await tryOut(services, workspace, source);
    else await store(services, workspace, { ...source, action });
    earlier.push(source);
    const { name, type, environment } = source;
    return { line, ok: true, action, name, type, environment, error: null };
  } catch (error) {
    const { code, message, path, recovery } = toErrorReport(error);
    if (recovery !== "fix") throw error;
    const { name = null, type = null } = row.fields;
    const identity = { name: typeof name === "string" ? name : null, type: typeof type === "string" ? type : null };
    const problem = { code, message, ...(path !== undefined && { path }) };
    return { line, ok: false, action: null, ...identity, environment: null, error: problem };
  }
}

/** Whether the row fits what exists and the rows before it. */
async function judge(
  services: Services,
  workspace: Workspace,
  { source, earlier }: { readonly source: RowSource; readonly earlier: readonly RowSource[] },
): Promise<"create" | "configure"> {
  const { name, type, environment } = source;
  const twins = earlier.filter((one) => one.name === name);
  if (twins.some((one) => one.environment === environment))
    throw new UserError("ALREADY_EXISTS", `name: "${name}" is in this file for ${environment} already`, {
      path: "name",
    });
  const [twin] = twins;
  if (twin) checkType(twin, type);
  const found = await services.sources.find(workspace.name, name);
  if (found) checkType(found.value, type);
  if (!twin && found?.value.definitions[environment])
    throw new UserError("ALREADY_EXISTS", `name: data source "${name}" is configured for ${environment} already`, {
      path: "name",
    });
  return found || twin ? "configure" : "create";
}

/** All that storing would find, so that a dry run tells the truth. */
async function tryOut(
  services: Services,
  workspace: Workspace,
  { name, type, environment, input }: RowSource,
): Promise<void> {
  const place = { workspace: workspace.name, name, environment };
  await makeDefinition(services, { connector: await loadConnector(type), place }, { ...input, at: isoNow(services) });
}

async function store(
  services: Services,
  workspace: Workspace,
  { name, type, environment, input, action }: RowSource & { readonly action: "create" | "configure" },
): Promise<void> {
  if (action === "create") {
    await createSource(services, workspace, { name, type, definitions: { [environment]: input } });
    return;
  }
  const { value } = await services.sources.get(workspace.name, name);
  const target = { workspace: workspace.name, name, ifMatch: value.revision };
  await putDefinition(services, { ...target, environment }, { ...input, type });
}
