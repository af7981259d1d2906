import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { checkDatabase, tellEncryption } from "../network/check-database.js";
import { type Fault, isNetworkError, networkFault } from "../network/probe.js";
import { connectPostgresqlWire, type PostgresqlClient, wireErrorOf } from "./client.js";
import type { PostgresqlSource } from "./source.js";

/** Connectivity test. */
export function checkPostgresql(
  source: PostgresqlSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  return checkDatabase<PostgresqlClient>(
    source,
    { signal, options },
    {
      order: source.tls ? ["tls", "login", "exists"] : ["login", "exists"],
      open: (target) => connectPostgresqlWire(source, target),
      late: (client) => client.close(),
      close: (client) => client.close(),
      tells: ({ encryption }) => tellEncryption(source, encryption),
      explain: (error) => explainPostgresql(error, source),
      read: (client) => read(client, source),
      write: (client) => write(client, source),
      missing: (step, error) => ({
        step,
        message: wireErrorOf(error).message,
        hint: step === "read" ? grantRead(source) : grantWrite(source),
      }),
    },
  );
}

const tablesSql = `SELECT count(*),
  count(*) FILTER (WHERE has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')),
  count(*) FILTER (WHERE has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'INSERT'))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

async function read(client: PostgresqlClient, { username }: PostgresqlSource): Promise<string> {
  const [[all = "0", readable = "0"] = []] = await client.query(tablesSql);
  if (Number(all) > 0 && Number(readable) === 0) throw new Error(`${username} may read none of the ${all} tables`);
  return `${readable} of ${all} tables can be read`;
}

async function write(client: PostgresqlClient, { username }: PostgresqlSource): Promise<string> {
  const [[all = "0", , writable = "0"] = []] = await client.query(tablesSql);
  if (Number(writable) === 0) throw new Error(`${username} may insert into none of the ${all} tables`);
  return `${writable} of ${all} tables can be written`;
}

function grantRead({ username }: PostgresqlSource): string {
  return `GRANT USAGE ON SCHEMA and SELECT ON its tables TO ${displayedName(username)}.`;
}

function grantWrite({ username }: PostgresqlSource): string {
  return `GRANT USAGE ON SCHEMA and INSERT ON its tables TO ${displayedName(username)}.`;
}

/** What a failed login means, by SQLSTATE (PostgreSQL manual, appendix "PostgreSQL Error Codes"). */
export function explainPostgresql(error: unknown, { username, database, tls }: PostgresqlSource): Fault {
  const { state, message } = wireErrorOf(error);
  if (isNetworkError(error) || error instanceof SluiceError) return networkFault("login", error);
  if (/does not support SSL/.test(message))
    return { step: "tls", message, hint: "Switch TLS on at the server, or set securityProtocol to authTypeNone." };
  // Thrown by Node's TLS without a code when the certificate is of another host.
  if (/altnames|certificate/i.test(message) && state === "") return networkFault("tls", error);
  if (/no pg_hba\.conf entry|pg_hba\.conf rejects/.test(message))
    return notAdmitted(message, { isEncrypted: tls !== null });
  const said = state === "" ? message : `${message} (${state})`;
  if (state === "28P01" || state === "28000")
    return { step: "login", message: said, hint: "Check username and password." };
  if (state === "3D000")
    return { step: "exists", message: said, hint: `There is no database ${database}; check its name.` };
  if (state === "42501")
    return {
      step: "exists",
      message: said,
      hint: `GRANT CONNECT ON DATABASE ${displayedName(database)} TO ${displayedName(username)}.`,
    };
  if (state.startsWith("53") || state === "57P03")
    return { step: "login", message: said, hint: "The server has no room or is starting; try again later." };
  return { step: "login", message: said, hint: "Read the server's own message; check account and server settings." };
}

/** A name as a statement takes it: with capitals or signs only between quotes. */
function displayedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The server says whether its rules were searched with or without encryption. */
function notAdmitted(message: string, { isEncrypted }: { readonly isEncrypted: boolean }): Fault {
  if (!isEncrypted && /^no .*(no encryption|SSL off)/.test(message)) {
    const hint =
      "The server wants TLS: set securityProtocol to authTypeSsl. If that does not help, its pg_hba.conf must admit the functions' network.";
    return { step: "tls", message, hint };
  }
  const hint = "Add the functions' network and this account to the server's allow-list (pg_hba.conf).";
  return { step: "login", message, hint };
}
