import { z } from "zod";
import { UserError } from "../../../model/errors.js";
import { countParam, type Ignored, text, texts, withIgnored } from "../../params/fields.js";
import { partsOrIssues } from "../../params/parts-or-issues.js";
import { placeFields, type SourceTables, sourceTablesOf, tableParam, trimmedWhere } from "../step-fields.js";

/** The reader's parameter, parsed. */
export interface SqlReadParams {
  readonly places: readonly SourceTables[];
  /** SQL expressions, or a single `*`. */
  readonly columns: readonly string[];
  readonly where: string | null;
  readonly splitPk: string | null;
  /** Splits per working shard for a single table; the runs room asks for 5. */
  readonly splitFactor: number;
  /** Rows that the server is asked for at once, where the driver asks; null = as many as the connector finds good. */
  readonly fetchSize: number | null;
  /** Statements run on each new connection. */
  readonly session: readonly string[];
}

const fields = z.object({
  ...placeFields,
  table: tableParam(["connection", "querySql"]),
  column: texts({
    isSql: true,
    help: 'SQL expressions, constants among them; ["*"] = all columns.',
    unless: ["querySql"],
  }),
  where: text({ help: "SQL condition on the rows; without it all are read.", isSql: true }),
  splitPk: text({
    help: "Column by whose ranges a table is cut; without it the primary key, where it serves.",
    isSql: true,
  }),
  querySql: texts({
    help: "Statements in place of table, column, where and splitPk; each is read as one split.",
    isSql: true,
  }),
  splitFactor: countParam({ help: "Splits per shard of a table that is cut.", default: 5, max: 100 }),
  fetchSize: countParam({
    help: "Rows that the server is asked for at once; without it the connector decides.",
    max: 100_000,
  }),
  session: texts({ help: "SQL run on each new connection.", isSql: true }),
  mandatoryEncoding: text({ help: "Only blank: the server converts text to UTF-8.", hidden: true }).refine(
    (value) => value === null,
    "not supported: the server converts text to UTF-8",
  ),
});

/** Schema of the reader's parameter, of a system for which more keys are ignored. */
export function readParams(ignored: Ignored = {}): z.ZodType<SqlReadParams> {
  return withIgnored(fields, ignored).transform((given, context): SqlReadParams => {
    return partsOrIssues<SqlReadParams>(context, {
      places: () => readPlacesOf(given),
      columns: () => columnsOf(given),
      where: () => trimmedWhere(given.where),
      splitPk: () => given.splitPk,
      splitFactor: () => given.splitFactor,
      fetchSize: () => given.fetchSize ?? null,
      session: () => given.session ?? [],
    });
  });
}

type Given = z.infer<typeof fields>;

function readPlacesOf(given: Given): readonly SourceTables[] {
  const places = sourceTablesOf(given);
  const named = places.flatMap((place) => place.tables);
  const queries = places.flatMap((place) => place.queries);
  if (named.length > 0 && queries.length > 0)
    throw invalid("some connections have a table and some a querySql; give all the same", "connection");
  if (named.length + queries.length === 0) throw invalid("required (or querySql)", "table");
  return places;
}

function columnsOf(given: Given): readonly string[] {
  const columns = given.column ?? [];
  const hasQuery = given.querySql?.length || given.connection?.some(({ querySql }) => querySql?.length);
  if (!hasQuery && columns.length === 0) throw invalid('required: a list of columns, or ["*"]', "column");
  if (columns.length > 1 && columns.includes("*")) throw invalid("* cannot be mixed with other columns", "column");
  return columns.length > 0 ? columns : ["*"];
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
