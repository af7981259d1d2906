import { startDeadline } from "../../model/overdue.js";
import { firstAnswer } from "../network/first-answer.js";
import type { NetworkTarget } from "../network/guard.js";
import type { ConnectSetting } from "../sql/client.js";
import { endedBy, heeding, inSetUpTime } from "../sql/waiting.js";
import { loginSqlserver, type SqlserverClient } from "./client.js";
import type { SqlserverConnection } from "./connection.js";
import { requestsOn } from "./requests.js";
import { sqlserverFailure } from "./server-error.js";
import { setUpSqlserverSession } from "./session.js";
import type { SqlserverSource } from "./source.js";

/**
 * Connects and sets the session up.
 *
 * @throws UserError ACCESS_DENIED, SOURCE_OBJECT_MISSING, SOURCE_REFUSED; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export function connectSqlserver(source: SqlserverSource, setting: ConnectSetting): Promise<SqlserverConnection> {
  const { signal } = setting;
  const open = async (address: NetworkTarget) => {
    const name = nameOf(address);
    if (signal?.aborted) throw endedBy(signal, name);
    const client = heeding(connectionOf(await loggedIn(source, address, signal), setting), signal, name);
    return prepared(client, name, setting);
  };
  return firstAnswer(source.addresses, open, (error, address) =>
    signal?.aborted ? endedBy(signal, nameOf(address)) : sqlserverFailure(error, `connecting to ${nameOf(address)}`),
  );
}

function nameOf({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}

/** The wait for a login ends with the signal; whoever comes in after that is shown out again. */
async function loggedIn(
  source: SqlserverSource,
  address: NetworkTarget,
  signal?: AbortSignal,
): Promise<SqlserverClient> {
  const logging = loginSqlserver(source, address);
  if (!signal) return logging;
  let abort = () => {};
  const ended = new Promise<never>((_, reject) => {
    abort = () => reject(endedBy(signal, nameOf(address)));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([logging, ended]);
  } catch (error) {
    if (signal.aborted) logging.then((client) => client.close()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function prepared(
  client: SqlserverConnection,
  server: string,
  setting: ConnectSetting,
): Promise<SqlserverConnection> {
  if (setting.use === "control") return client;
  try {
    const putBack = await inSetUpTime(client, { server, ms: setting.setUpMs }, () =>
      setUpSqlserverSession(client, setting),
    );
    return { ...client, putBack };
  } catch (error) {
    await client.cut();
    throw sqlserverFailure(error, "setting up the session");
  }
}

/** How long a server may take over a goodbye, or over ending a statement. */
const GOODBYE_MS = 2_000;

/** What the session has not committed is taken back before the goodbye, so that whoever comes next need not wait for its locks. */
const goodbye = "IF @@TRANCOUNT > 0 ROLLBACK";

function connectionOf(login: SqlserverClient, { use, timeZone }: ConnectSetting): SqlserverConnection {
  const { driver } = login;
  const requests = requestsOn(login);
  let zone = timeZone ?? "+00:00";
  let ending: Promise<void> | undefined;
  const leave = async (last: Promise<unknown>) => {
    const { signal, clear } = startDeadline(GOODBYE_MS);
    const late = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([last.catch(() => {}), late]);
    clear();
    driver.close();
  };
  return {
    ...requests,
    putBack: [],
    zone: () => zone,
    enterZone: (name) => {
      zone = name;
    },
    close() {
      ending ??= leave(use === "write" ? requests.execute(goodbye) : Promise.resolve());
      return ending;
    },
    destroy: () => driver.close(),
    cut(why) {
      ending ??= leave(requests.cancel(why));
      return ending;
    },
  };
}
