import type { FieldPacket } from "mysql2";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import type { MysqlClient } from "./client.js";
import { serverErrorOf } from "./server-error.js";

/**
 * The columns of a statement's result, which preparing tells without running it; none for a statement without a result.
 *
 * @throws what the driver throws when the server refuses the statement; UserError CONFIG_INVALID for a `?` outside of quotes,
 *   which preparing takes and running does not
 */
export function describeStatement(client: MysqlClient, sql: string): Promise<readonly FieldPacket[]> {
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

const IN_READ_ONLY = 1792;

/**
 * The columns of a `querySql`.
 *
 * @throws UserError UNSUPPORTED for a statement without a result, and for CALL, whose result only running it would tell
 */
export async function describeQuery(client: MysqlClient, sql: string): Promise<readonly FieldPacket[]> {
  const columns = await describeStatement(client, sql).catch((error: unknown) => {
    // Where nothing may be written the server says so first.
    if (serverErrorOf(error)?.errno === IN_READ_ONLY && !/^\W*(?:select|with)\b/i.test(sql)) return [];
    throw error;
  });
  if (columns.length > 0) return columns;
  const word = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "it";
  throw new UserError(
    "UNSUPPORTED",
    word === "CALL"
      ? "querySql is a CALL: which columns it returns is known only by running it, and a broken split would run it again; read a SELECT, or a table that the procedure has filled"
      : `querySql returns no rows: ${word} is no query`,
    { path: "querySql" },
  );
}
