import type { PlannedRun } from "../../connectors/contract.js";
import { allInOrder } from "../../model/all-in-order.js";
import type { Column } from "../../model/batch.js";
import type { CatalogColumn } from "../../model/catalog.js";
import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import type { Json, JsonObject } from "../../model/json.js";
import { isJsonObject } from "../../model/json.js";
import type { MappingReport } from "../../model/mapping.js";
import type { RecordJudge } from "../../model/record-judge.js";
import type { SecretBox } from "../../secrets/seal.js";
import { openZoned, previewed } from "../lay-out.js";
import { columnWarnings } from "../match-columns.js";
import type { OpenStep } from "../open-step.js";
import { atSide, placedWarning } from "../placed-error.js";
import type { ResolvedJob } from "../resolve-job.js";
import { mappedPairs, type SourceColumn } from "./verdicts.js";

/** How a job's columns are looked at. */
export interface MappingLook {
  readonly signal: AbortSignal;
  /** Without it statements of the job are described only. */
  readonly mayRead: boolean;
}

/**
 * Puts the columns of both sides of a job side by side. That they differ in number is no error here: the pairs show it.
 *
 * @throws what a side throws that is asked for its columns
 */
export async function mapJob(
  job: ResolvedJob,
  secretBox: SecretBox,
  { signal, mayRead }: MappingLook,
): Promise<MappingReport> {
  const resolved = previewed(job, { mayRead });
  const { reader, writer, zones, warnings } = await openZoned(resolved, secretBox, signal);
  const [source, target] = [reader.connector.reader, writer.connector.writer];
  const [columns = [], targets = null] = await allInOrder([
    atSide("reader", resolved, () => source?.columns(reader.side(signal))),
    atSide("writer", resolved, () => target?.columns(writer.side(signal))),
  ]);
  const isFit = targets === null || targets.length === columns.length;
  const run = { columns, exactlyOnce: resolved.job.setting.exactlyOnce, clock: zones.reader.zone };
  const judge = isFit ? await atSide("writer", resolved, () => judgeOf(writer, run, signal)) : null;
  const sources = sourceColumns(columns, await readCatalog(reader, resolved.reader.parameter, signal));
  return {
    columns: mappedPairs({ sources, targets, judged: judge?.columns ?? [] }),
    width: { reader: columns.length, writer: targets?.length ?? null },
    problems: problemsOf(job, { columns, targets, judge, writer, signal }),
    warnings: [
      ...resolved.warnings,
      ...warnings.map((warning) => placedWarning(warning, "reader", resolved)),
      ...(isFit ? columnWarnings(columns, targets, resolved) : []),
    ],
  };
}

/** What a writer makes of records; null = it takes them as they come. */
export async function judgeOf(writer: OpenStep, run: PlannedRun, signal: AbortSignal): Promise<RecordJudge | null> {
  return (await writer.connector.writer?.judge?.(writer.side(signal), run)) ?? null;
}

interface Found {
  readonly columns: readonly Column[];
  readonly targets: readonly Column[] | null;
  readonly judge: RecordJudge | null;
  readonly writer: OpenStep;
  readonly signal: AbortSignal;
}

function problemsOf({ job }: ResolvedJob, { columns, targets, judge, writer, signal }: Found): string[] {
  const problems: string[] = [];
  if (targets && targets.length !== columns.length)
    problems.push(
      `the reader gives ${counted(columns.length, "column")}, the writer takes ${targets.length}; columns are matched by position`,
    );
  const { params } = writer.side(signal);
  const isIdempotent = writer.connector.writer?.delivery(params, job.setting.exactlyOnce) === "idempotent";
  const missing = judge?.unwrittenKeys ?? [];
  if (isIdempotent && missing.length > 0)
    problems.push(
      `rows are replaced or updated by their key, of which ${missing.join(", ")} is not written: write it, unless another unique key tells rows apart`,
    );
  return problems;
}

/** What the catalog says of the reader's one table; null = nothing, or it is no table. */
async function readCatalog(
  reader: OpenStep,
  parameter: JsonObject,
  signal: AbortSignal,
): Promise<readonly CatalogColumn[] | null> {
  const table = tableOf(parameter);
  const { catalog } = reader.connector;
  if (table === null || !catalog?.columns) return null;
  try {
    return await catalog.columns(reader.side(signal).source, table, signal);
  } catch (error) {
    // The columns themselves are known: what is beside them is not, where the account may not see it.
    if (error instanceof UserError) return null;
    throw error;
  }
}

function tableOf({ table, querySql, connection }: JsonObject): string | null {
  if (querySql !== undefined) return null;
  const [first] = Array.isArray(connection) ? connection : [connection];
  const named: Json | undefined = table ?? (isJsonObject(first) ? first.table : undefined);
  const [name, ...others] = Array.isArray(named) ? named : [named];
  return typeof name === "string" && others.length === 0 ? name : null;
}

function sourceColumns(columns: readonly Column[], catalog: readonly CatalogColumn[] | null): readonly SourceColumn[] {
  const byName = new Map((catalog ?? []).map((column) => [column.name.toLowerCase(), column]));
  return columns.map((column) => {
    const known = byName.get(column.name.toLowerCase());
    if (!known) return { column, declared: null, nullable: null, isKey: null };
    return { column, declared: known.declared, nullable: known.nullable, isKey: known.key !== null };
  });
}
