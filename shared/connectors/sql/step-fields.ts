import { z } from "zod";
import { withoutSemicolons } from "../../model/cut-end.js";
import { text, texts } from "../params/fields.js";
import { param } from "../params/note.js";
import { expandTables, MOST_TABLES } from "./table-names.js";

const dataSource = text({ help: "Name of the data source.", title: "Data source" });

const connection = z.object({
  datasource: dataSource,
  table: texts({ help: "Its tables." }),
  querySql: texts({ help: "Its statements, in place of tables.", isSql: true }),
});

/** `table` of a relational step, and what may stand in its place. */
export function tableParam(unless: readonly string[]) {
  const help = "The table, or several of the same columns; orders_[0-9] and orders_[00-15] stand for numbered ones.";
  return texts({ help, unless });
}

/** The keys that say which tables a relational step works on. */
export const placeFields = {
  datasource: dataSource,
  table: tableParam(["connection"]),
  connection: param(
    z
      .preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(connection))
      .optional(),
    { help: "Tables of several data sources, in place of datasource and table." },
  ),
};

/** Tables and statements behind one data source; `datasource` null = the first one that the step names. */
export interface SourceTables {
  readonly datasource: string | null;
  readonly tables: readonly string[];
  readonly queries: readonly string[];
}

interface PlaceInput {
  readonly datasource: string | null;
  readonly table?: readonly string[] | undefined;
  readonly connection?: readonly z.infer<typeof connection>[] | undefined;
  readonly querySql?: readonly string[] | undefined;
}

/**
 * The places a step names, whichever of the two spellings it uses. `connection` wins over the flat keys;
 * the flat `datasource` stands in where a connection has none.
 */
export function sourceTablesOf(input: PlaceInput): SourceTables[] {
  const inner = (input.connection ?? []).filter((one) => one.table?.length || one.querySql?.length || one.datasource);
  const useful = inner.some((one) => one.table?.length || one.querySql?.length);
  if (!useful) {
    const datasource = input.datasource ?? inner[0]?.datasource ?? null;
    return [{ datasource, tables: expandTables(input.table ?? [], "table"), queries: input.querySql ?? [] }];
  }
  let budget = MOST_TABLES;
  return inner.map((one, index) => {
    const tables = expandTables(one.table ?? [], `connection[${index}].table`, budget);
    budget -= tables.length;
    return { datasource: one.datasource ?? input.datasource, tables, queries: one.querySql ?? [] };
  });
}

/** A filter without the semicolon (ASCII or full-width) that people leave behind it. */
export function trimmedWhere(where: string | null): string | null {
  return (where && withoutSemicolons(where)) || null;
}

/**
 * The name behind a column entry that is nothing but a name, quoted with backticks or double quotes or not at all;
 * null for expressions and literals.
 */
export function plainColumn(entry: string): string | null {
  const match = /^(?:`((?:[^`]|``)+)`|"((?:[^"]|"")+)"|([\p{L}_$][\p{L}\p{N}_$]*))$/u.exec(entry.trim());
  if (!match) return null;
  const bare = match[3];
  if (bare !== undefined)
    return /^(null|true|false|current_date|current_timestamp|current_time)$/i.test(bare) ? null : bare;
  return match[1]?.replaceAll("``", "`") ?? match[2]?.replaceAll('""', '"') ?? null;
}
