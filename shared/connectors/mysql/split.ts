import type { Column } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import type { Side, Split, SplitPlan } from "../contract.js";
import type { KeyRange, KeyValue } from "../sql/key-range.js";
import { evenCuts } from "../sql/midpoint.js";
import { type PlannedRange, planRanges } from "../sql/plan-ranges.js";
import { jointColumns, refuseOtherColumns } from "../sql/same-columns.js";
import { describeSelect } from "./check-select.js";
import { connect, type MysqlClient } from "./client.js";
import { columnOfField } from "./column-type.js";
import { describeQuery } from "./describe-statement.js";
import { floatColumns } from "./float-column.js";
import { endOf, keyProbe } from "./key-probe.js";
import { asMoment } from "./moments.js";
import { momentColumns, querySpec } from "./moments-read.js";
import { namedColumns } from "./named-columns.js";
import { chooseKey, type KeyChoice, type ReadKey } from "./read-key.js";
import type { ReadParams } from "./read-params.js";
import { isStar, layoutOf, type ReadSpec, selectSql } from "./select.js";
import { toSluiceError } from "./server-error.js";
import { namedZone } from "./session-zone.js";
import { settingOf } from "./side-setting.js";
import { sourceOf } from "./side-source.js";
import type { MysqlSource } from "./source.js";
import { inParentheses, quoteName } from "./sql-text.js";
import { describeTable, type TableInfo } from "./table-info.js";

/** Fewer rows than this are not worth a split of their own. */
const ROWS_PER_SPLIT = 500;
/** The runs room asks for this many splits per working shard. */
const ADVICE_PER_SHARD = 5;

/**
 * Cuts all tables into about `advice` ranges together, whatever number of data sources and tables they are in: the share of
 * each table is computed afresh, never from that of the one before. A `querySql` statement is one split.
 */
export async function splitMysql(side: Side<MysqlSource, ReadParams>, advice: number): Promise<SplitPlan> {
  const { params } = side;
  const tables = params.places.reduce((sum, place) => sum + place.tables.length, 0);
  const share = Math.max(1, Math.ceil((advice * params.splitFactor) / ADVICE_PER_SHARD / Math.max(tables, 1)));
  // Whoever may not see records could ask about them by a filter.
  const where = side.preview?.mayRead === false ? null : params.where;
  const isUnasked = where !== params.where;
  const found: SplitTable[] = [];
  for (const place of params.places) {
    if (place.tables.length + place.queries.length === 0) continue;
    const setting = { ...settingOf(side, "read"), signal: side.signal };
    const client = await connect(sourceOf(side, place.datasource), setting);
    try {
      for (const sql of place.queries) found.push(await splitQuery(client, place.datasource, sql));
      for (const name of place.tables) {
        const table = await describeTable(client, sourceOf(side, place.datasource).database, name);
        const moments = await momentColumns(client, table);
        const spec = wholeTable(params, place.datasource, { ...table, moments });
        const fields = await describeSelect(client, params, spec);
        const { parts, warnings } = await splitTable(client, table, { splitPk: params.splitPk, where, count: share });
        const splits = parts.map((part) => splitOf(params, spec, part));
        const { columns } = layoutOf(params, spec, fields);
        found.push({ title: table.title, columns, splits, warnings });
      }
    } catch (error) {
      throw toSluiceError(error, "splitting");
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
      ...(isUnasked && !isQuery ? [unasked] : []),
    ],
  };
}

const unasked =
  "where was checked and not run, since you may not see records here: splits and estimates are those of whole tables";

/** A table, or a statement, and what it was cut into. */
interface SplitTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly splits: readonly Split[];
  readonly warnings: readonly string[];
}

async function splitQuery(client: MysqlClient, datasource: string | null, query: string): Promise<SplitTable> {
  const sql = withoutSemicolons(query);
  const fields = await describeQuery(client, sql);
  const { exact, warnings } = await querySpec(client, sql, fields);
  const spec: ReadSpec = { kind: "query", datasource, ...exact };
  const columns = fields.map(columnOfField).map((column) => asMoment(column, exact.moments));
  return { title: sql, columns, splits: [{ spec, describe: sql }], warnings };
}

/**
 * How a whole table is read in the server's own order.
 *
 * @param table  with those of its columns that are read as moments
 */
export function wholeTable(
  params: ReadParams,
  datasource: string | null,
  table: TableInfo & { readonly moments: readonly string[] },
): TableSpec {
  const columns = floatColumns(table.columns);
  const star = table.columns.filter(({ isInvisible }) => !isInvisible).map(({ name }) => name);
  const named = namedColumns(table, params.columns);
  return {
    ...{ kind: "table", datasource, table: table.sqlName, key: null, range: null, nullColumn: null },
    ...(named.length > 0 ? { named } : {}),
    ...(columns.length + table.moments.length > 0 ? { floats: { columns, star } } : {}),
    ...(table.moments.length > 0 ? { moments: table.moments } : {}),
  };
}

type TableSpec = Extract<ReadSpec, { kind: "table" }>;

interface Part {
  readonly key: ReadKey | null;
  readonly range: KeyRange | null;
  readonly nullColumn: string | null;
  readonly rows: number;
}

function splitOf(params: ReadParams, table: TableSpec, { key, range, nullColumn, rows }: Part): Split {
  const plainRange = range && { after: range.after, upTo: range.upTo };
  const spec: TableSpec = { ...table, key, range: plainRange, nullColumn };
  // Interfaces have no index signature, so the compiler cannot see that a spec is JSON all the way down.
  return { spec: spec as unknown as Split["spec"], describe: selectSql(params, spec, null), rows };
}

async function splitTable(
  client: MysqlClient,
  table: TableInfo,
  wish: { splitPk: string | null; where: string | null; count: number },
): Promise<{ parts: Part[]; warnings: string[] }> {
  const timestamps = table.columns.filter(({ dataType }) => dataType === "timestamp").map(({ name }) => name);
  const zone = timestamps.length > 0 ? await namedZone(client) : null;
  const choice = chooseKey(table, wish.splitPk, zone);
  const { key, warning } = choice;
  const ambiguous = `conditions on TIMESTAMPs of ${table.title} are in ${zone}, where an hour comes twice when clocks are set back: such columns are no key to split by or to resume from`;
  const isKey = timestamps.some(
    (name) => wish.splitPk === name || table.indexes.some(({ columns }) => columns.includes(name)),
  );
  const warnings = [...(warning ? [warning] : []), ...(zone !== null && isKey ? [ambiguous] : [])];
  const whole: Part = { key, range: null, nullColumn: null, rows: table.rows };
  if (!key) return { parts: [whole], warnings };
  const lead = key.columns[0];
  const nulls: Part[] = [];
  if (choice.hasNulls && lead) {
    const rest = { ...key, columns: key.isUnique ? key.columns.slice(1) : [] };
    nulls.push({ key: rest, range: null, nullColumn: lead.name, rows: 0 });
  }
  const ranges = await rangesOf(client, table, choice, wish);
  return {
    parts: [...ranges.map((range) => ({ key, range, nullColumn: null, rows: range.rows })), ...nulls],
    warnings,
  };
}

async function rangesOf(
  client: MysqlClient,
  table: TableInfo,
  { key, index, hasNulls }: KeyChoice,
  { where, count }: { where: string | null; count: number },
): Promise<PlannedRange[]> {
  const bounded = key?.columns.slice(0, key.bounded) ?? [];
  const notNull = hasNulls ? bounded.map(({ name }) => `${quoteName(name)} IS NOT NULL`) : [];
  const filter = [...notNull, ...(where ? [inParentheses(where)] : [])];
  const end = (direction: "ASC" | "DESC") => endOf(client, table, bounded, { conditions: filter, direction });
  const [first, last] = [await end("ASC"), await end("DESC")];
  if (!first || !last) return [];
  const probe = index === null ? null : keyProbe(client, { table, key: bounded, index, always: notNull });
  const believed = await probe?.estimate({ after: null, upTo: last });
  if (!probe || believed == null) {
    const [column] = bounded;
    const cuts = column ? evenCuts(column.kind, first[0] ?? "", last[0] ?? "", count) : [];
    const bounds: (KeyValue | null)[] = [null, ...cuts.map((cut) => [cut]), null];
    const open = bounds
      .slice(1)
      .map((upTo, at) => ({ after: bounds[at] ?? null, upTo, rows: Math.ceil(table.rows / (cuts.length + 1)) }));
    return hasNulls && open.length === 1 ? [{ after: null, upTo: last, rows: table.rows }] : open;
  }
  const wanted = Math.min(count, Math.max(1, Math.ceil(believed / ROWS_PER_SPLIT)));
  const ranges = toScale(await planRanges(probe, bounded, { first, last }, wanted), table.rows);
  // A range without any bound would take the null keys as well, which have a split of their own.
  return hasNulls && ranges.length === 1 ? ranges.map((range) => ({ ...range, upTo: last })) : ranges;
}

/** Estimates of large ranges are up to twice too high: all together they are at most what the whole table is believed to hold. */
function toScale(ranges: readonly PlannedRange[], rows: number): PlannedRange[] {
  const total = ranges.reduce((sum, range) => sum + range.rows, 0);
  const factor = total > rows && rows > 0 ? rows / total : 1;
  return ranges.map((range) => ({ ...range, rows: Math.round(range.rows * factor) }));
}
