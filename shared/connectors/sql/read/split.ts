import type { Column } from "../../../model/batch.js";
import { withoutSemicolons } from "../../../model/cut-end.js";
import type { Side, Split, SplitPlan } from "../../contract.js";
import { jointColumns, refuseOtherColumns } from "../same-columns.js";
import { settingOf } from "../side-setting.js";
import { sourceOf } from "../side-source.js";
import type { SourceTables } from "../step-fields.js";
import type { SqlSystem } from "../system.js";
import type { SqlTypes } from "../types.js";
import { type OpenPlace, queryReading, tableReading } from "./look.js";
import type { TablePart } from "./part.js";
import type { SqlReadParams } from "./read-params.js";
import { isStar, selectSql, type TableSpec } from "./select.js";
import { splitTable } from "./split-table.js";

/** The runs room asks for this many splits per working shard. */
const ADVICE_PER_SHARD = 5;

/** A table, or a statement, and what it was cut into. */
interface SplitTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly splits: readonly Split[];
  readonly warnings: readonly string[];
}

/**
 * Cuts all tables into about `advice` ranges together, whatever number of data sources and tables they are in: the share of
 * each table is computed afresh, never from that of the one before. A `querySql` statement is one split.
 */
export async function splitPlaces<X extends SqlTypes>(
  system: SqlSystem<X>,
  side: Side<X["source"], SqlReadParams>,
  advice: number,
): Promise<SplitPlan> {
  const { params, preview } = side;
  const tables = params.places.reduce((sum, place) => sum + place.tables.length, 0);
  const count = Math.max(1, Math.ceil((advice * params.splitFactor) / ADVICE_PER_SHARD / Math.max(tables, 1)));
  // Whoever may not see records could ask about them by a filter.
  const where = preview?.mayRead === false ? null : params.where;
  const found: SplitTable[] = [];
  for (const place of params.places) {
    if (place.tables.length + place.queries.length === 0) continue;
    const source = sourceOf(side, place.datasource);
    const setting = { ...settingOf(system.whyNotPlanned, side, "read"), signal: side.signal };
    const client = await system.connect(source, setting);
    try {
      found.push(...(await splitPlace({ system, client, source, params }, place, { where, count })));
    } catch (error) {
      throw system.errors.toSluiceError(error, "splitting");
    } finally {
      await client.close();
    }
  }
  const isQuery = params.places.some(({ queries }) => queries.length > 0);
  refuseOtherColumns(found, isQuery ? "query" : isStar(params) ? "star" : "list");
  const isIgnored = isQuery && (params.where || params.splitPk);
  return {
    splits: found.flatMap(({ splits }) => splits),
    splitsPerTable: found.map(({ splits }) => splits.length),
    columns: jointColumns(found),
    warnings: [
      ...found.flatMap(({ warnings }) => warnings),
      ...(isIgnored ? ["querySql is used as it is: where and splitPk are ignored"] : []),
      ...(where !== params.where && !isQuery ? [unasked] : []),
    ],
  };
}

const unasked =
  "where was checked and not run, since you may not see records here: splits and estimates are those of whole tables";

async function splitPlace<X extends SqlTypes>(
  open: OpenPlace<X>,
  { datasource, tables, queries }: SourceTables,
  { where, count }: { readonly where: string | null; readonly count: number },
): Promise<SplitTable[]> {
  const { system, client, params } = open;
  const found: SplitTable[] = [];
  for (const query of queries) {
    const sql = withoutSemicolons(query);
    const { spec, columns, warnings } = await queryReading(open, datasource, sql);
    found.push({ title: sql, columns, splits: [{ spec: asJson(spec), describe: sql }], warnings });
  }
  for (const name of tables) {
    const { table, spec, columns } = await tableReading(open, datasource, name);
    const { splitPk } = params;
    const { parts, warnings } = await splitTable({ system, client, table }, { splitPk, where, count });
    found.push({ title: table.title, columns, splits: parts.map((part) => splitOf(open, spec, part)), warnings });
  }
  return found;
}

function splitOf<X extends SqlTypes>(
  { system, params }: OpenPlace<X>,
  table: TableSpec,
  { key, range, nullColumn, rows, condition, star, table: place = table.table }: TablePart,
): Split {
  const plainRange = range && { after: range.after, upTo: range.upTo };
  const own = {
    ...(condition === undefined ? {} : { condition }),
    ...(star && !table.exact ? { exact: { columns: [], star } } : {}),
  };
  const spec: TableSpec = { ...table, table: place, key, range: plainRange, nullColumn, ...own };
  return { spec: asJson(spec), describe: selectSql(system, { params, spec }, null), rows };
}

/** Interfaces have no index signature, so the compiler cannot see that a spec is JSON all the way down. */
function asJson(spec: unknown): Split["spec"] {
  return spec as Split["spec"];
}
