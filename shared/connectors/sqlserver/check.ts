import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { checkDatabase, tellEncryption } from "../network/check-database.js";
import { type Fault, isNetworkError, networkFault } from "../network/probe.js";
import { loginSqlserver, type SqlserverClient, SqlserverRefusal } from "./client.js";
import type { SqlserverSource } from "./source.js";

/** Connectivity test. */
export function checkSqlserver(
  source: SqlserverSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  return checkDatabase<SqlserverClient>(
    source,
    { signal, options },
    {
      order: source.tls ? ["tls", "login", "exists"] : ["login", "exists"],
      open: (target) => loginSqlserver(source, target),
      late: (client) => client.close(),
      close: (client) => client.close(),
      tells: ({ encryption }) => tellEncryption(source, encryption),
      explain: (error) => explainSqlserver(error, source),
      read: (client) => granted(client, "SELECT"),
      write: (client) => granted(client, "INSERT"),
      missing,
    },
  );
}

/** Tables that the account sees at all are in sys.tables; a server hides the others. */
async function granted(client: SqlserverClient, right: "SELECT" | "INSERT"): Promise<string> {
  const [all, usable, database] = await client.firstRow(
    `SELECT COUNT(*), SUM(HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(schema_id)) + '.' + QUOTENAME(name), 'OBJECT', '${right}')),
      HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', '${right}') FROM sys.tables`,
  );
  if (!Number(usable) && !Number(database))
    throw new Error(`${right} is granted on none of the ${Number(all)} tables seen`);
  return `${right} is granted on ${Number(usable)} of ${Number(all)} tables`;
}

function missing(step: "read" | "write", error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return {
    step,
    message,
    hint: `GRANT ${step === "read" ? "SELECT" : "INSERT"} on the tables or their schema to this account.`,
  };
}

/** What a failed login means, by error number (SQL Server documentation, "Database Engine errors"). */
export function explainSqlserver(error: unknown, { database }: SqlserverSource): Fault {
  const cause = error instanceof SqlserverRefusal ? error.cause : error;
  const numbers = error instanceof SqlserverRefusal ? error.numbers : [];
  const text = error instanceof Error ? error.message : String(error);
  const message = numbers.length > 0 ? `${text} (${numbers.join(", ")})` : text;
  const has = (...some: readonly number[]) => some.some((number) => numbers.includes(number));
  if (has(4060, 911))
    return { step: "exists", message, hint: `There is no database ${database}, or this account may not open it.` };
  if (has(916)) return { step: "exists", message, hint: `Make this account a user of database ${database}.` };
  if (has(40615, 40914))
    return { step: "login", message, hint: "Add the functions' network to the server's allow-list." };
  if (has(18456, 18452, 18470, 18486, 18487, 18488))
    return { step: "login", message, hint: "Check username and password." };
  if (/encrypt/i.test(text) && numbers.length === 0)
    return {
      step: "tls",
      message,
      hint: "Switch TLS on at the server; or, where nobody can listen, set the option encrypt=false, by which the password travels readable.",
    };
  if (cause instanceof SluiceError) return networkFault("login", cause);
  if (isNetworkError(cause)) return { ...networkFault("login", cause), message };
  return { step: "login", message, hint: "Read the server's own message; check account and server settings." };
}
