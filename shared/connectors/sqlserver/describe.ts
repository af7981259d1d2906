import type { Column } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import type { SqlClient } from "../sql/client.js";
import { codeOf } from "../sql/text/sql-pieces.js";
import { bareType, sqlserverType } from "./column-type.js";
import { quoteSqlserverText } from "./sql-text.js";
import { sqlserverStatements } from "./statement-rules.js";

/**
 * The columns of a statement's result, without running it; none for a statement without a result, and for one that changes something and
 * shows it (OUTPUT), which a broken split would do again.
 *
 * @throws what the driver throws when the server refuses the statement
 */
export async function sqlserverColumnsOf(client: SqlClient, sql: string): Promise<readonly Column[]> {
  const text = withoutSemicolons(sql);
  const { names, rows } = await client.query(
    `EXEC sys.sp_describe_first_result_set @tsql = ${quoteSqlserverText(`${text}\n;`)}`,
  );
  if (!isQuery(text)) return [];
  const at = (name: string) => names.indexOf(name);
  const [hidden, title, declared] = [at("is_hidden"), at("name"), at("system_type_name")];
  return rows
    .filter((row) => row[hidden] !== "1")
    .map((row): Column => {
      const nativeType = (row[declared] ?? "").toLowerCase();
      return { name: row[title] ?? "", type: sqlserverType(bareType(nativeType)), nativeType };
    });
}

/** Behind comments and parentheses; WITH may also lead to a statement that changes something. */
function isQuery(sql: string): boolean {
  const code = codeOf(sqlserverStatements.lexis, sql);
  return (
    /^[\s(]*select\b/i.test(code) || (/^\s*with\b/i.test(code) && !/\b(?:insert|update|delete|merge)\b/i.test(code))
  );
}
