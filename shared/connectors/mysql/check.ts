import { counted } from "../../model/counted.js";
import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { checkDatabase, tellEncryption } from "../network/check-database.js";
import type { DatabaseSource } from "../network/database-source.js";
import { foreignAnswer } from "../network/foreign-answer.js";
import { type Fault, isNetworkError, networkFault } from "../network/probe.js";
import { connectMysql, type MysqlClient } from "./client.js";
import { mysqlFailure, mysqlServerErrorOf } from "./server-error.js";
import type { MysqlSource } from "./source.js";
import { quoteMysqlName, quoteMysqlText } from "./sql-text.js";

/** Connectivity test. */
export function checkMysql(
  source: MysqlSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  return checkDatabase<MysqlClient>(
    source,
    { signal, options },
    {
      order: source.tls ? ["tls", "login", "exists"] : ["login", "exists"],
      open: (target, aborted) => connectMysql({ ...source, addresses: [target] }, { use: "read", signal: aborted }),
      late: (client) => client.destroy(),
      close: (client, probe) => (probe.signal.aborted ? client.destroy() : client.close()),
      tells: ({ encryption }) => tellEncryption(source, encryption),
      explain: (error) => explainLogin(error, source),
      read: (client) => read(source, client),
      write: (client) => write(source, client),
      missing: refused,
    },
  );
}

async function read({ database }: MysqlSource, client: MysqlClient): Promise<string> {
  const { rows } = await client.query(
    `SELECT VERSION(), COUNT(*) FROM information_schema.tables${database === "" ? "" : ` WHERE table_schema = ${quoteMysqlText(database)}`}`,
  );
  const [version, tables] = rows[0] ?? [];
  if (typeof version !== "string") throw foreignAnswer("MySQL", "a query without a result");
  return `${counted(Number(tables ?? 0), "table")} can be seen; server version ${version}`;
}

/** Grants alone tell: anything else would leave traces. */
async function write({ username, database }: MysqlSource, client: MysqlClient): Promise<string> {
  const { rows } = await client.query("SHOW GRANTS");
  const grants = rows.map(([line]) => line ?? "");
  const covers = (line: string) => {
    const [, on = ""] = / ON (?:TABLE )?(\S+) TO /.exec(line) ?? [];
    // Database names are patterns in grants, with their wildcards escaped.
    const scope = on.replace(/[`\\]/g, "").toLowerCase();
    return database === "" || scope.startsWith("*.") || scope.startsWith(`${database.toLowerCase()}.`);
  };
  const isGranted = grants.some(
    (line) => /\b(INSERT|ALL PRIVILEGES)\b/.test(line.split(" ON ")[0] ?? "") && covers(line),
  );
  const where = database === "" ? "some database" : database;
  if (isGranted) return `${username} may insert into ${where}`;
  throw new Error(`no grant lets ${username} insert into ${where}`);
}

function refused(step: "read" | "write", error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return { step, message, hint: `GRANT ${step === "read" ? "SELECT" : "INSERT"} on the database to this account.` };
}

/** What a failed login means, by error number (server error references of MySQL and MariaDB). */
export function explainLogin(error: unknown, { username, database, tls }: DatabaseSource): Fault {
  const cause = error instanceof SluiceError && error.cause !== undefined ? error.cause : error;
  const found = mysqlServerErrorOf(cause);
  const { message } = mysqlFailure(error, "failed");
  const fault = (step: Fault["step"], hint: string): Fault => ({ step, message, hint });
  if (found?.errno === 1044)
    return fault("exists", `GRANT SELECT ON ${displayedName(database)}.* TO ${displayedName(username)}.`);
  if (found?.errno === 1049) return fault("exists", `There is no database ${database}; check its name.`);
  if (found?.errno === 3159 || /insecure transport/i.test(message)) return fault("tls", wantsTls);
  if (found?.errno === 1045) return fault("login", tls ? wrongPassword : `${wrongPassword} ${maybeTls}`);
  if (found?.errno === 1130 || found?.errno === 1129)
    return fault(
      "login",
      "Let the server admit the functions' network for this account: its host part, or the allow-list.",
    );
  if (found?.code === "HANDSHAKE_NO_SSL_SUPPORT")
    return fault("tls", "Switch TLS on at the server, or set securityProtocol to authTypeNone.");
  if (isNetworkError(cause)) return { ...networkFault("login", cause), message };
  if (found?.code === "HANDSHAKE_SSL_ERROR")
    return fault(
      "tls",
      "Give the certificate of the server's authority as sslCa, and connect by the name it was made for.",
    );
  return fault("login", mysqlFailure(error, "failed").hint);
}

/** A name as a statement takes it. */
function displayedName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quoteMysqlName(name);
}

const wrongPassword = "Check username and password.";
const maybeTls = "If they are right, the account may require TLS: set securityProtocol to authTypeSsl.";
const wantsTls = "The server wants TLS: set securityProtocol to authTypeSsl.";
