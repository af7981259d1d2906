import { type Batch, type Column, nativeBatch, packedBatch } from "../../../model/batch.js";
import type { Json } from "../../../model/json.js";
import type { Reader, Side } from "../../contract.js";
import type { Ignored } from "../../params/fields.js";
import { sessionAdvice, settingOf } from "../side-setting.js";
import { sourceOf } from "../side-source.js";
import { settleZone } from "../side-zone.js";
import type { SqlText } from "../sql-text.js";
import type { SqlSystem } from "../system.js";
import type { SqlTypes } from "../types.js";
import { cancelled } from "../waiting.js";
import { queryReading, tableReading } from "./look.js";
import { readParams, type SqlReadParams } from "./read-params.js";
import { checkpointOf, layoutOf, parseReadSpec, type SqlReadSpec, selectSql } from "./select.js";
import { splitPlaces } from "./split.js";

/** What a reader has of its own beside the flow. */
export interface ReaderFace {
  /** Keys that the parameter may have and that change nothing. */
  readonly ignored: Ignored;
  readonly template: Reader<unknown, unknown>["template"];
}

/** Makes the reader of a system: tables in ranges of a key, each with one streaming statement. */
export function sqlReader<X extends SqlTypes>(
  system: SqlSystem<X>,
  { ignored, template }: ReaderFace,
): Reader<X["source"], SqlReadParams> {
  const { zones } = system;
  return {
    params: readParams(ignored),
    template,
    width: (params) => widthOf(system, params),
    overrides: { querySql: ["table", "column", "where", "splitPk"] },
    advice: (params) => sessionAdvice(system.whyNotPlanned, params),
    ...(zones && {
      timeZone: (side: Side<X["source"], SqlReadParams>) =>
        settleZone({ ...system, zones }, side, {
          use: "read",
          datasources: side.params.places.map(({ datasource }) => datasource),
        }),
    }),
    columns: (side) => readColumns(system, side),
    split: (side, advice) => splitPlaces(system, side, advice),
    orderOf: (spec) => orderOf(parseReadSpec(spec)),
    read: (side, spec, from) => readSplit(system, side, { spec: parseReadSpec(spec), from }),
  };
}

async function readColumns<X extends SqlTypes>(
  system: SqlSystem<X>,
  side: Side<X["source"], SqlReadParams>,
): Promise<readonly Column[]> {
  const [place] = side.params.places.filter(({ tables, queries }) => tables.length + queries.length > 0);
  if (!place) return [];
  const { datasource, tables, queries } = place;
  const client = await open(system, side, datasource);
  // Whatever a filter says, the columns are the same.
  const params = { ...side.params, where: null };
  const opened = { system, client, source: sourceOf(side, datasource), params };
  try {
    const [query] = queries;
    const reading =
      query === undefined ? tableReading(opened, datasource, tables[0] ?? "") : queryReading(opened, datasource, query);
    return (await reading).columns;
  } catch (error) {
    throw system.errors.toSluiceError(error, "reading the columns");
  } finally {
    await client.close();
  }
}

async function* readSplit<X extends SqlTypes>(
  system: SqlSystem<X>,
  side: Side<X["source"], SqlReadParams>,
  { spec, from }: { readonly spec: SqlReadSpec; readonly from: Json },
): AsyncGenerator<Batch> {
  const { signal, params } = side;
  const client = await open(system, side, spec.datasource);
  let isOver = () => false;
  try {
    if (signal.aborted) throw cancelled();
    let columns: readonly Column[] = [];
    const rows = system.reading.stream(client, selectSql(system, { params, spec }, keyOf(from)), {
      source: sourceOf(side, spec.datasource),
      fetchSize: params.fetchSize,
      shape(found) {
        const layout = layoutOf(system, { params, spec }, found);
        columns = layout.columns;
        return layout;
      },
    });
    isOver = rows.isOver;
    for await (const part of rows.parts) {
      if (signal.aborted) throw cancelled();
      const origin = { columns, checkpoint: checkpointOf(spec, part.lastKey), dirty: [] };
      yield "native" in part ? nativeBatch(part.native, origin) : packedBatch(part.packed, origin);
    }
  } catch (error) {
    throw signal.aborted ? cancelled() : system.errors.toSluiceError(error, `reading ${titleOf(spec)}`);
  } finally {
    await (isOver() ? client.close() : client.cut());
  }
}

function open<X extends SqlTypes>(
  system: SqlSystem<X>,
  side: Side<X["source"], SqlReadParams>,
  datasource: string | null,
): Promise<X["client"]> {
  const setting = settingOf(system.whyNotPlanned, side, "read");
  return system.connect(sourceOf(side, datasource), { ...setting, signal: side.signal });
}

function keyOf(from: Json): readonly string[] | null {
  return Array.isArray(from) ? from.map(String) : null;
}

function titleOf(spec: SqlReadSpec): string {
  return spec.kind === "table" ? spec.table : "querySql";
}

/** An entry may be SQL that stands for several columns: then only the server tells. */
function widthOf({ text }: { readonly text: SqlText }, { columns, places }: SqlReadParams): number | null {
  const isOne = (entry: string) => text.nameIn(entry) !== null || !/[*,$]/.test(entry);
  return places.some(({ queries }) => queries.length > 0) || !columns.every(isOne) ? null : columns.length;
}

/** Rows are read in the order of the key: with another one, those behind a checkpoint are others. */
function orderOf(spec: SqlReadSpec): Json {
  if (spec.kind === "query") return { sql: spec.sql };
  const key = spec.key?.columns.map(({ name, kind }) => `${name} (${kind})`);
  return { table: spec.table, key: key ?? null, isUnique: spec.key?.isUnique ?? false };
}
