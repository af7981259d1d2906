import type { FieldPacket } from "mysql2";
import type { Column } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import type { MysqlClient } from "./client.js";
import { columnOfField } from "./column-type.js";
import { mysqlServerErrorOf } from "./server-error.js";

/**
 * The columns of a statement's result, which preparing tells without running it; none for a statement without a result.
 *
 * @throws what the driver throws when the server refuses the statement; UserError CONFIG_INVALID for a `?` outside of quotes,
 *   which preparing takes and running does not
 */
export function describeMysqlStatement(client: MysqlClient, sql: string): Promise<readonly FieldPacket[]> {
  const text = withoutSemicolons(sql);
  return new Promise((resolve, reject) => {
    client.connection.prepare(text, (error, statement) => {
      if (error) {
        reject(error);
        return;
      }
      // The driver keeps the definitions on the statement but does not declare them.
      const { columns, parameters } = statement as unknown as { columns?: FieldPacket[]; parameters?: FieldPacket[] };
      statement.close();
      if (parameters && parameters.length > 0)
        reject(new UserError("CONFIG_INVALID", "there is a question mark outside of quotes, where a value should be"));
      else resolve(columns ?? []);
    });
  });
}

/** The server's number for "not in a read-only transaction". */
const inReadOnly = 1792;

/** The same as our columns. */
export async function mysqlColumnsOf(client: MysqlClient, sql: string): Promise<readonly Column[]> {
  const fields = await describeMysqlStatement(client, sql).catch((error: unknown) => {
    // Where nothing may be written the server says so first.
    if (mysqlServerErrorOf(error)?.errno === inReadOnly && !/^\W*(?:select|with)\b/i.test(sql)) return [];
    throw error;
  });
  return fields.map(columnOfField);
}
