import { type Batch, type Column, packedBatch } from "../../model/batch.js";
import type { Json } from "../../model/json.js";
import type { Reader, Side } from "../contract.js";
import { plainColumn } from "../sql/step-fields.js";
import { describeSelect } from "./check-select.js";
import { connect, type MysqlClient } from "./client.js";
import { columnOfField } from "./column-type.js";
import { describeQuery } from "./describe-statement.js";
import { asMoment } from "./moments.js";
import { momentColumns, querySpec } from "./moments-read.js";
import { type ReadParams, readKeys, readParams } from "./read-params.js";
import { streamRows } from "./row-stream.js";
import { checkpointOf, layoutOf, parseSpec, type ReadSpec, selectSql } from "./select.js";
import { toSluiceError } from "./server-error.js";
import { sessionAdvice, settingOf } from "./side-setting.js";
import { sourceOf } from "./side-source.js";
import { mysqlZone } from "./side-zone.js";
import type { MysqlSource } from "./source.js";
import { splitMysql, wholeTable } from "./split.js";
import { describeTable } from "./table-info.js";
import { readerTemplate } from "./template.js";
import { cancelled } from "./waiting.js";

type ReadSide = Side<MysqlSource, ReadParams>;

/** Reads tables in ranges of a key, each with one streaming query in the text protocol. */
export const mysqlReader: Reader<MysqlSource, ReadParams> = {
  params: readParams,
  keys: readKeys,
  width: widthOf,
  sql: ["column", "where", "querySql", "session", "splitPk"],
  overrides: { querySql: ["table", "column", "where", "splitPk"] },
  advice: sessionAdvice,
  template: readerTemplate,
  timeZone: (side) =>
    mysqlZone(
      side,
      "read",
      side.params.places.map(({ datasource }) => datasource),
    ),
  columns: readColumns,
  split: splitMysql,
  read: readSplit,
};

async function readColumns(side: ReadSide): Promise<readonly Column[]> {
  const [place] = side.params.places.filter(({ tables, queries }) => tables.length + queries.length > 0);
  if (!place) return [];
  const client = await open(side, place.datasource);
  try {
    const [query] = place.queries;
    if (query !== undefined) return await queryColumns(client, query);
    const table = await describeTable(client, sourceOf(side, place.datasource).database, place.tables[0] ?? "");
    const moments = await momentColumns(client, table);
    const spec = wholeTable(side.params, place.datasource, { ...table, moments });
    const fields = await describeSelect(client, { ...side.params, where: null }, spec);
    return layoutOf(side.params, spec, fields).columns;
  } catch (error) {
    throw toSluiceError(error, "reading the columns");
  } finally {
    await client.close();
  }
}

async function queryColumns(client: MysqlClient, query: string): Promise<readonly Column[]> {
  const fields = await describeQuery(client, query);
  const { exact } = await querySpec(client, query, fields);
  return fields.map(columnOfField).map((column) => asMoment(column, exact.moments));
}

async function* readSplit(side: ReadSide, json: Json, from: Json): AsyncGenerator<Batch> {
  const spec = parseSpec(json);
  const { signal, params } = side;
  const client = await open(side, spec.datasource);
  const { nullsZeroDates } = sourceOf(side, spec.datasource);
  let isOver = () => false;
  try {
    if (signal.aborted) throw cancelled();
    let columns: readonly Column[] = [];
    const rows = streamRows(client, selectSql(params, spec, keyOf(from)), (fields) => {
      const layout = layoutOf(params, spec, fields);
      columns = layout.columns;
      return { ...layout, nullsZeroDates };
    });
    isOver = rows.isOver;
    for await (const { packed, lastKey } of rows.parts) {
      if (signal.aborted) throw cancelled();
      yield packedBatch(packed, { columns, checkpoint: checkpointOf(spec, lastKey), dirty: [] });
    }
  } catch (error) {
    throw signal.aborted ? cancelled() : toSluiceError(error, `reading ${titleOf(spec)}`);
  } finally {
    await (isOver() ? client.close() : client.cut());
  }
}

function open(side: ReadSide, datasource: string | null): Promise<MysqlClient> {
  return connect(sourceOf(side, datasource), { ...settingOf(side, "read"), signal: side.signal });
}

function keyOf(from: Json): readonly string[] | null {
  return Array.isArray(from) ? from.map(String) : null;
}

function titleOf(spec: ReadSpec): string {
  return spec.kind === "table" ? spec.table : "querySql";
}

/** An entry may be SQL that stands for several columns: then only the server tells. */
function widthOf({ columns, places }: ReadParams): number | null {
  const isOne = (entry: string) => plainColumn(entry) !== null || !/[*,$]/.test(entry);
  return places.some(({ queries }) => queries.length > 0) || !columns.every(isOne) ? null : columns.length;
}
