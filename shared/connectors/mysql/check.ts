import { lookup } from "node:dns/promises";
import { connect as connectSocket } from "node:net";
import { SluiceError } from "../../model/errors.js";
import type { CheckStep } from "../contract.js";
import { connect, type MysqlClient } from "./client.js";
import { serverErrorOf, toSluiceError } from "./server-error.js";
import type { Address, MysqlSource } from "./source.js";
import { quoteText } from "./sql-text.js";

type Found = { readonly message: string };

/** Connectivity test: name, port, login, database, and whether anything can be read. Ends at the first step that fails. */
export async function checkMysql(source: MysqlSource, signal: AbortSignal): Promise<readonly CheckStep[]> {
  const steps: CheckStep[] = [];
  const [address] = source.addresses;
  if (!address) return steps;
  const run = async (name: CheckStep["name"], work: () => Promise<Found>): Promise<boolean> => {
    const startedAt = performance.now();
    const outcome = await work().then(
      ({ message }) => ({ ok: true, message }),
      (error: unknown) => ({ ok: false, message: explain(error) }),
    );
    steps.push({ name, ...outcome, durationMs: Math.round(performance.now() - startedAt) });
    return outcome.ok;
  };
  if (!(await run("resolve", () => resolve(address)))) return steps;
  if (!(await run("connect", () => reach(address, source.connectTimeoutMs, signal)))) return steps;
  let client: MysqlClient | undefined;
  let missing: unknown;
  const login = async (): Promise<Found> => {
    client = await connect(source, { use: "read", signal }).catch((error: unknown) => {
      // The account is right when the server gets as far as looking for the database.
      if (!isAboutDatabase(error)) throw error;
      missing = error;
      return undefined;
    });
    return { message: client ? await version(client) : `logged in as ${source.username}` };
  };
  if (!(await run("login", login))) return steps;
  const exists = async (): Promise<Found> => {
    if (missing) throw missing;
    return { message: `database ${source.database} exists` };
  };
  if ((await run("exists", exists)) && client) await run("read", () => read(source, client));
  await client?.close();
  return steps;
}

async function resolve({ host }: Address): Promise<Found> {
  const { address } = await lookup(host);
  return { message: address === host ? host : `${host} is ${address}` };
}

function reach({ host, port }: Address, timeout: number, signal: AbortSignal): Promise<Found> {
  return new Promise((done, fail) => {
    const socket = connectSocket({ host, port, signal });
    socket.setTimeout(timeout, () => socket.destroy(new Error(`no answer within ${timeout} ms`)));
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.destroy();
      done({ message: `${host}:${port} answers` });
    });
  });
}

async function version(client: MysqlClient): Promise<string> {
  const { rows } = await client.query("SELECT VERSION()");
  return `server version ${rows[0]?.[0]}`;
}

async function read({ database }: MysqlSource, client: MysqlClient | undefined): Promise<Found> {
  const found = await client?.query(
    `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ${quoteText(database)}`,
  );
  return { message: `${found?.rows[0]?.[0] ?? 0} tables can be seen` };
}

function isAboutDatabase(error: unknown): boolean {
  if (!(error instanceof SluiceError)) return false;
  const deniedOnDatabase = 1044;
  return error.code === "SOURCE_OBJECT_MISSING" || serverErrorOf(error.cause)?.errno === deniedOnDatabase;
}

/** The mapped error says what happened and carries the server's number; its hint says what to do. */
function explain(error: unknown): string {
  if (error instanceof Error && !("code" in error)) return error.message;
  const mapped = toSluiceError(error, "failed");
  return `${mapped.message}. ${mapped.hint}`;
}
