import type { Column } from "../../model/batch.js";
import type { ExactReading } from "../sql/read/exact.js";
import { quotePostgresqlName } from "./sql-text.js";
import type { PostgresqlTypes } from "./types.js";

/** `money` is printed by the database's `lc_monetary`, with signs and separators; as `numeric` it is a number. */
export const exactPostgresqlReading: ExactReading<PostgresqlTypes> = {
  columns: async (_client, { columns }) =>
    columns.filter(({ dataType }) => dataType === "money").map(({ name }) => ({ name, as: "numeric" })),
  sql: ({ name }) => `${quotePostgresqlName(name)}::numeric`,
  column: ({ name }) => ({ name, type: "double", nativeType: "money" }),
  async query(_client, sql, columns) {
    const money = columns.filter(isMoney).map(({ name }) => name);
    if (money.length === 0) return { sql, warnings: [] };
    const names = new Set(columns.map(({ name }) => name));
    if (names.size < columns.length) {
      const warning = `querySql delivers ${money.join(", ")} as money, in the words of the database's lc_monetary: give each column of the statement a name of its own, or cast it to numeric`;
      return { sql, warnings: [warning] };
    }
    const list = columns.map((column) =>
      isMoney(column)
        ? `${quotePostgresqlName(column.name)}::numeric AS ${quotePostgresqlName(column.name)}`
        : quotePostgresqlName(column.name),
    );
    const exact = money.map((name) => ({ name, as: "numeric" }));
    return { sql: `SELECT ${list.join(", ")} FROM (${sql}\n) AS sluice_query`, exact, warnings: [] };
  },
};

function isMoney({ nativeType }: Column): boolean {
  return nativeType === "money";
}
