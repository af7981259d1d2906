import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import type { Side, Split, SplitPlan } from "../contract.js";
import type { OdpsClient } from "./client.js";
import { partitionMatch } from "./partition-match.js";
import { type SpecPart, tunnelSpec } from "./partition-spec.js";
import { type OdpsOutput, outputsOf } from "./read-columns.js";
import type { OdpsReadParams } from "./read-params.js";
import type { MaxcomputeSource } from "./source.js";
import { runSql, sqlName } from "./sql.js";
import { describeOdpsTable, listOdpsPartitions, type OdpsTableShape, refuseOtherThanTable, titleOf } from "./table.js";
import { beginDownload, resultDownload, tableDownload } from "./tunnel.js";

/** What a shard needs to read its records: plain JSON. */
export interface OdpsReadSpec {
  /** Download session. */
  readonly session: string;
  /** Instance whose result it is; null = a table. */
  readonly instance: string | null;
  readonly partition: readonly SpecPart[];
  /** Records `[start, start + count)` of the session. */
  readonly start: number;
  readonly count: number;
  /** Columns of the session, in its order, with their types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** A table that is about to be read. */
export interface ReadTable {
  readonly shape: OdpsTableShape;
  readonly title: string;
  readonly outputs: readonly OdpsOutput[];
}

/** Looks at the table. @throws UserError for what cannot be read */
export async function inspectSource(client: OdpsClient, params: OdpsReadParams): Promise<ReadTable> {
  const shape = await describeOdpsTable(client, params);
  const title = titleOf(client, shape);
  if (params.where === null) refuseOtherThanTable(client, shape);
  return { shape, title, outputs: outputsOf(shape, params.column, title) };
}

/** Cuts a table into ranges of records of its partitions, or the result of a query. */
export async function splitOdpsTable(
  client: OdpsClient,
  side: Side<MaxcomputeSource, OdpsReadParams>,
  advice: number,
): Promise<SplitPlan> {
  const { params, preview } = side;
  const table = await inspectSource(client, params);
  if (params.where !== null) {
    if (preview) return { splits: [describedQuery(client, table, params)], warnings: [] };
    return splitQuery(client, table, { params, advice });
  }
  const partitions = await wantedPartitions(client, table, params);
  if (preview) return { splits: partitions.map((partition) => described(table, partition)), warnings: [] };
  const pieces =
    params.splitMode === "partition" || partitions.length >= advice
      ? 1
      : Math.ceil(advice / Math.max(1, partitions.length));
  const splits: Split[] = [];
  for (const partition of partitions) splits.push(...(await splitPartition(client, { table, partition, pieces })));
  return { splits, warnings: [] };
}

/** A plan begins no session. */
function described({ title }: ReadTable, partition: readonly SpecPart[]): Split {
  return { spec: null, describe: partition.length === 0 ? title : `${title} partition ${tunnelSpec(partition)}` };
}

/** The partitions that the job names; one without levels for a table without partitions. */
async function wantedPartitions(
  client: OdpsClient,
  { shape, title }: ReadTable,
  params: OdpsReadParams,
): Promise<readonly (readonly SpecPart[])[]> {
  const refuse = (message: string): never => {
    throw new UserError("CONFIG_INVALID", `partition: ${message}`, { path: "partition" });
  };
  const keys = shape.keys.map(({ name }) => name);
  if (keys.length === 0 && params.partition.length > 0) return refuse(`${title} has no partitions; leave it out`);
  if (keys.length === 0) return [[]];
  if (params.partition.length === 0)
    return refuse(
      `${title} is partitioned by ${keys.join(", ")}; name partitions, such as ${keys.map((key) => `${key}=*`).join(",")}`,
    );
  const matches = params.partition.map((entry, at) => partitionMatch(entry, keys, `partition[${at}]`));
  const all = await listOdpsPartitions(client, shape);
  const found = all.filter((partition) => matches.some((match) => match(partition)));
  if (found.length > 0 || params.successOnNoPartition) return found;
  const message = `${title} has no partition ${params.partition.join(" or ")} among its ${counted(all.length, "partition")}; successOnNoPartition makes that no error`;
  throw new UserError("SOURCE_OBJECT_MISSING", message, { path: "partition" });
}

interface Cut {
  readonly table: ReadTable;
  readonly partition: readonly SpecPart[];
  readonly pieces: number;
}

async function splitPartition(client: OdpsClient, { table, partition, pieces }: Cut): Promise<Split[]> {
  const { shape } = table;
  const place = tableDownload(client, { schema: shape.schema, table: shape.table, partition });
  const { id, records, columns } = await beginDownload(client, place);
  const types = columns.map(({ name, typeText }) => ({ name, type: typeText }));
  const spec = { session: id, instance: null, partition, columns: types };
  return ranges(records, pieces).map((range) => splitOf({ ...spec, ...range }, place.what));
}

function splitOf(spec: OdpsReadSpec, what: string): Split {
  const { start, count } = spec;
  // Interfaces have no index signature, so the compiler cannot see that a spec is JSON all the way down.
  return { spec: spec as never, describe: `${what}: records ${start} to ${start + count - 1}`, rows: count };
}

/** Even ranges; none of an empty session, whose ranges the service refuses. */
function ranges(records: number, pieces: number): { start: number; count: number }[] {
  const size = Math.max(1, Math.ceil(records / pieces));
  const found: { start: number; count: number }[] = [];
  for (let start = 0; start < records; start += size) found.push({ start, count: Math.min(size, records - start) });
  return found;
}

/** What is selected: only columns that are wanted, each once. */
function queryOf(client: OdpsClient, { shape, outputs }: ReadTable, { where }: OdpsReadParams): string {
  const names = outputs.flatMap(({ origin }) => (origin.kind === "constant" ? [] : [origin.name]));
  const [first] = shape.columns;
  const list = [...new Set(names.length > 0 ? names : [first?.name ?? "1"])].map((name) => `\`${name}\``).join(", ");
  return `SELECT ${list} FROM ${sqlName(client, shape)} WHERE ${where}`;
}

function describedQuery(client: OdpsClient, table: ReadTable, params: OdpsReadParams): Split {
  return { spec: null, describe: queryOf(client, table, params) };
}

/** Records that a result gives to who may not download all of it. */
const LIMITED_RECORDS = 10_000;

async function splitQuery(
  client: OdpsClient,
  table: ReadTable,
  { params, advice }: { params: OdpsReadParams; advice: number },
): Promise<SplitPlan> {
  const sql = queryOf(client, table, params);
  const { id } = await runSql(client, sql, { what: "where", schema: params.schema });
  const { session, warnings } = await downloadResult(client, id);
  const columns = session.columns.map(({ name, typeText }) => ({ name, type: typeText }));
  const spec = { session: session.id, instance: id, partition: [], columns };
  const splits = ranges(session.records, advice).map((range) => splitOf({ ...spec, ...range }, sql));
  return { splits, warnings };
}

/** All of a result takes a right of its own; without it a result that is cut off is refused. */
async function downloadResult(client: OdpsClient, instance: string) {
  const place = resultDownload(client, instance);
  try {
    return { session: await beginDownload(client, place), warnings: [] };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "ACCESS_DENIED") throw error;
    const session = await beginDownload(client, { ...place, query: { instance_tunnel_limit_enabled: "" } });
    const warning = "this account may download 10,000 records of a query's result at most";
    if (session.records < LIMITED_RECORDS) return { session, warnings: [warning] };
    const message = `where: the result has ${LIMITED_RECORDS} records or more, and this account may not download all of it; narrow where, read partitions, or grant Download on the project's tables`;
    throw new UserError("ACCESS_DENIED", message, { path: "where", cause: error });
  }
}
