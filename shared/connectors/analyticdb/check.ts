import { type Connection, createConnection } from "mysql2";
import { counted } from "../../model/counted.js";
import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { tellEncryption } from "../network/check-database.js";
import { passwordOf } from "../network/database-source.js";
import { encryptionOf } from "../network/encryption.js";
import { checkFirstAnswer, foreignAnswer, readable } from "../network/foreign-answer.js";
import { guardedConnect, type NetworkTarget } from "../network/guard.js";
import { greetingFault, loginPlugins, pluginFault, preferTls, streamOf } from "../network/mysql-login.js";
import { type Fault, isNetworkError, networkFault, reach, startProbe } from "../network/probe.js";
import type { AdsSource } from "./source.js";

/** Connectivity test: name, port, login with the MySQL protocol, database, one statement. */
export async function checkAds(
  source: AdsSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  const target = await reach(probe, source.addresses, source.connectTimeoutMs);
  if (!target) return probe.steps;
  const connection = await probe.settle(source.tls ? ["tls", "login", "exists"] : ["login", "exists"], {
    open: () => connect(source, target),
    late: (opened) => opened.destroy(),
    tells: (opened) => tellEncryption(source, encryptionOf(streamOf(opened))),
    explain: (error) => explain(error, source),
  });
  if (!connection) return probe.steps;
  const isRead = await probe.run("read", () => countTables(connection));
  connection.destroy();
  if (isRead && options.write)
    probe.note({
      name: "write",
      ok: false,
      durationMs: 0,
      message: "writing was not tested: AnalyticDB 2.0 tells rights only when a row is written",
      hint: "Make sure that the account may insert into the target table.",
    });
  return probe.steps;
}

function connect(source: AdsSource, { host, port }: NetworkTarget): Promise<Connection> {
  const { username: user, database, tls, connectTimeoutMs: connectTimeout } = source;
  const socket = guardedConnect({ host, port });
  checkFirstAnswer(socket, "MySQL", greetingFault);
  const connection = createConnection({
    ...{ host, port, user, database, connectTimeout, password: passwordOf(source, process.env) },
    stream: () => socket,
    // A server can ask a client with LOCAL_FILES for any file it names.
    flags: ["-LOCAL_FILES"],
    authPlugins: loginPlugins({ allowsReadablePassword: source.allowsReadablePassword ?? false }),
    ...(tls ? { ssl: { ...(tls.ca ? { ca: tls.ca } : {}), rejectUnauthorized: tls.verify } } : {}),
  });
  if (source.prefersTls) preferTls(connection, { rejectUnauthorized: false, verifyIdentity: false });
  // A connection that breaks while nobody asks would end the process.
  connection.on("error", () => {});
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (!error) return resolve(connection);
      socket.destroy();
      reject(readable(error, "MySQL"));
    });
  });
}

function countTables(connection: Connection): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.query("SHOW TABLES", (error, rows) => {
      if (error) reject(readable(error, "MySQL"));
      else if (!Array.isArray(rows)) reject(foreignAnswer("MySQL", "a query without a result"));
      else resolve(`${counted(rows.length, "table")} can be seen`);
    });
  });
}

/** What a failed login means; numbers of the MySQL protocol. */
function explain(error: unknown, { database }: Pick<AdsSource, "database">): Fault {
  const { errno, code, message } = error as Error & { errno?: number; code?: unknown }; // the driver's errors
  const fault = code === "AUTH_SWITCH_PLUGIN_ERROR" ? pluginFault("logging in", message, error) : error;
  if (fault instanceof SluiceError) return networkFault("login", fault);
  if (errno === 1045) return { step: "login", message, hint: "Check access id and access key." };
  if (errno === 1049 || errno === 1044)
    return { step: "exists", message, hint: `There is no database ${database}, or this account may not open it.` };
  if (isNetworkError(error)) return networkFault("login", error);
  return { step: "login", message, hint: "Read the server's own message; check account and address." };
}
