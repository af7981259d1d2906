import { setTimeout as sleep } from "node:timers/promises";
import type { SluiceError } from "../../model/errors.js";
import { firstAnswer } from "../network/first-answer.js";
import type { NetworkTarget } from "../network/guard.js";
import type { ConnectSetting } from "../sql/client.js";
import { endedBy, heeding, inSetUpTime } from "../sql/waiting.js";
import { connectOracle, type OracleClient } from "./client.js";
import type { OracleConnection } from "./connection.js";
import { describeOn, executeManyOn, rowsOn, textsOn } from "./driver-calls.js";
import { oracleFailure } from "./server-error.js";
import { setUpOracleSession } from "./session.js";
import type { OracleSource } from "./source.js";

/**
 * Connects to the first address that answers and sets the session up.
 *
 * @throws UserError ACCESS_DENIED, SOURCE_OBJECT_MISSING, SOURCE_REFUSED; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export function openOracle(source: OracleSource, setting: ConnectSetting): Promise<OracleConnection> {
  const { signal } = setting;
  const open = async (address: NetworkTarget) => {
    const name = nameOf(address);
    if (signal?.aborted) throw endedBy(signal, name);
    const client = heeding(wrapped(await untilAborted(connectOracle(source, address), name, signal)), signal, name);
    return prepared(client, name, setting);
  };
  return firstAnswer(source.addresses, open, (error, address) =>
    signal?.aborted ? endedBy(signal, nameOf(address)) : oracleFailure(error, `connecting to ${nameOf(address)}`),
  );
}

function nameOf({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}

/** The wait for a login ends with the signal; whoever comes in after that is shown out again. */
async function untilAborted(logging: Promise<OracleClient>, name: string, signal?: AbortSignal): Promise<OracleClient> {
  if (!signal) return logging;
  let abort = () => {};
  const ended = new Promise<never>((_, reject) => {
    abort = () => reject(endedBy(signal, name));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([logging, ended]);
  } catch (error) {
    if (signal.aborted) logging.then((client) => client.hangUp()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function prepared(client: OracleConnection, server: string, setting: ConnectSetting): Promise<OracleConnection> {
  if (setting.use === "control") return client;
  try {
    const found = await inSetUpTime(client, { server, ms: setting.setUpMs }, () => setUpOracleSession(client, setting));
    return { ...client, ...found };
  } catch (error) {
    await client.cut();
    throw oracleFailure(error, "setting up the session");
  }
}

/** How long ending a statement may take. */
const CANCEL_MS = 2_000;

/**
 * A connection whose statements commit each by itself until SET TRANSACTION begins one; a bare COMMIT or ROLLBACK ends it, and those with
 * WORK behind them lead into the next.
 */
function wrapped(client: OracleClient): OracleConnection {
  const { connection, driver } = client;
  const line = { connection, driver };
  let ended: SluiceError | undefined;
  let ending: Promise<void> | undefined;
  let running: Promise<unknown> | null = null;
  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    if (ended) throw ended;
    const answer = work();
    const settled = answer.then(
      () => {},
      () => {},
    );
    running = settled;
    try {
      return await answer;
    } catch (error) {
      throw ended ?? error;
    } finally {
      if (running === settled) running = null;
    }
  };
  const execute = executing(connection);
  /** A server that sorts or waits does not notice a lost connection: it is answered to stop first. */
  const stop = async (): Promise<void> => {
    if (running) {
      await connection.break().catch(() => {});
      await Promise.race([running, sleep(CANCEL_MS, undefined, { ref: false })]);
    }
    await client.hangUp();
  };
  return {
    ...{ version: connection.oracleServerVersion, charset: "", putBack: [] },
    query: (sql) => answered(() => textsOn(line, sql)),
    execute: (sql) => answered(() => execute(sql)),
    describe: (sql) => answered(() => describeOn(line, sql)),
    rows: (sql, fetchSize) => rowsOn(line, { sql, fetchSize, answered }),
    executeMany: (sql, binds, rows) => answered(() => executeManyOn(line, { sql, binds, rows })),
    close: () => ending ?? client.close(),
    destroy: () => void client.hangUp(),
    cut(why) {
      ended ??= why;
      ending ??= stop();
      return ending;
    },
  };
}

function executing(connection: OracleClient["connection"]): OracleConnection["execute"] {
  let isAlone = true;
  return async (sql) => {
    if (/^SET TRANSACTION\b/.test(sql)) isAlone = false;
    const { rowsAffected = 0 } = await connection.execute(sql, [], { autoCommit: isAlone });
    if (/^(?:COMMIT|ROLLBACK)$/.test(sql)) isAlone = true;
    return { affectedRows: rowsAffected };
  };
}
