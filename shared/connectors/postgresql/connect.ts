import type { SluiceError } from "../../model/errors.js";
import { startDeadline } from "../../model/overdue.js";
import { firstAnswer } from "../network/first-answer.js";
import { guardedConnect, type NetworkTarget } from "../network/guard.js";
import { isNetworkError } from "../network/probe.js";
import type { ConnectSetting } from "../sql/client.js";
import { endedBy, heeding, inSetUpTime } from "../sql/waiting.js";
import { connectPostgresqlWire as login, type PostgresqlClient } from "./client.js";
import type { PostgresqlConnection } from "./connection.js";
import { postgresqlFailure } from "./server-error.js";
import { type PostgresqlSessionSetting, setUpPostgresqlSession } from "./session.js";
import type { PostgresqlSource } from "./source.js";
import { copyIn, copyOut, describePostgresqlStatement } from "./statement-copy.js";

/**
 * Connects to the first address that answers and sets the session up.
 *
 * @throws UserError ACCESS_DENIED, SOURCE_OBJECT_MISSING, SOURCE_REFUSED; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export function connectPostgresql(source: PostgresqlSource, setting: ConnectSetting): Promise<PostgresqlConnection> {
  const { signal } = setting;
  const open = async (address: NetworkTarget) => {
    const name = nameOf(address);
    if (signal?.aborted) throw endedBy(signal, name);
    const client = heeding(await opened(source, address, signal), signal, name);
    return prepared(client, name, { ...setting, searchPath: source.searchPath ?? null });
  };
  return firstAnswer(source.addresses, open, (error, address) =>
    signal?.aborted ? endedBy(signal, nameOf(address)) : postgresqlFailure(error, `connecting to ${nameOf(address)}`),
  );
}

function nameOf({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}

/** The wait for a login ends with the signal. */
async function opened(
  source: PostgresqlSource,
  address: NetworkTarget,
  signal?: AbortSignal,
): Promise<PostgresqlConnection> {
  const logging = login(source, address);
  if (!signal) return wrapped(await logging, address);
  let abort = () => {};
  const ended = new Promise<never>((_, reject) => {
    abort = () => reject(endedBy(signal, `${address.host}:${address.port}`));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return wrapped(await Promise.race([logging, ended]), address);
  } catch (error) {
    // Whoever comes in now is shown out again.
    if (signal.aborted) logging.then((client) => client.driver.connection.stream.destroy()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function prepared(
  client: PostgresqlConnection,
  server: string,
  setting: PostgresqlSessionSetting,
): Promise<PostgresqlConnection> {
  if (setting.use === "control") return client;
  try {
    const session = await inSetUpTime(client, { server, ms: setting.setUpMs }, () =>
      setUpPostgresqlSession(client, setting),
    );
    return { ...client, ...session };
  } catch (error) {
    await client.cut();
    throw postgresqlFailure(error, "setting up the session");
  }
}

function wrapped(login: PostgresqlClient, address: NetworkTarget): PostgresqlConnection {
  const { driver, tap } = login;
  const { stream } = driver.connection;
  let ended: SluiceError | undefined;
  let ending: Promise<void> | undefined;
  const mapped = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw ended ?? error;
    }
  };
  const run = (sql: string) => mapped(driver.query<(string | null)[]>({ text: sql, rowMode: "array" }));
  return {
    version: 0,
    putBack: [],
    async query(sql) {
      const { fields, rows } = await run(sql);
      return { names: fields.map(({ name }) => name), rows };
    },
    async execute(sql) {
      const answers = [await run(sql)].flat(); // several statements, several answers
      return { affectedRows: answers.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0) };
    },
    describe: (sql) => mapped(describePostgresqlStatement(driver, sql)),
    copyOut: (sql, onRow) => mapped(copyOut(driver, tap, { sql, onRow })),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    copyIn: (sql, data) => mapped(copyIn(driver, sql, data)),
    close: () => ending ?? login.close(),
    destroy: () => void stream.destroy(),
    cut(why) {
      ended ??= why;
      ending ??= cancel(driver, address).finally(() => stream.destroy());
      // What a paused socket has not given out yet, nobody reads any more.
      stream.destroy();
      return ending;
    },
  };
}

/** How long ending a statement from a second connection may take in all. */
const CANCEL_MS = 2_000;
const cancelCode = 80_877_102;

/**
 * Asks the server to end whatever a connection does there, by the key that it was given at its login: that also reaches the right one
 * behind a pooler, whose numbers of processes are its own. Never fails: the statement may be over.
 */
function cancel(driver: PostgresqlClient["driver"], address: NetworkTarget): Promise<void> {
  // Given at the login; the driver does not declare them.
  const { processID, secretKey } = driver as unknown as { processID: number | null; secretKey: number | null };
  if (processID === null || secretKey === null) return Promise.resolve();
  const request = Buffer.alloc(16);
  for (const [at, value] of [16, cancelCode, processID, secretKey].entries()) request.writeInt32BE(value | 0, at * 4);
  const { signal, clear } = startDeadline(CANCEL_MS);
  return new Promise<void>((resolve) => {
    const socket = guardedConnect(address);
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    socket.once("error", () => {}).once("close", () => resolve());
    // The server hangs up when it has done so.
    socket.resume().end(request);
  }).finally(clear);
}

/** True when an error says that the connection was lost. */
export function isLostPostgresql(error: unknown): boolean {
  return isNetworkError(error) || postgresqlFailure(error, "").code === "SOURCE_UNREACHABLE";
}
