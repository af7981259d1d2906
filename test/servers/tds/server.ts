import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  done,
  envCollation,
  envText,
  envTransaction,
  loginAck,
  notice,
  preloginAnswer,
  readBatch,
  readCall,
  readLogin,
} from "./tokens.js";
import { makeDatabase, type Outcome, openEngine, type TsqlEngine } from "./tsql-engine.js";
import { TsqlError } from "./tsql-tokens.js";
import { readBulkRows, rowWriter } from "./values.js";
import { messageTypes, type TdsCertificate, type TdsMessage, type TdsWire, tdsWire } from "./wire.js";

/**
 * A server that speaks TDS 7.4 (MS-TDS) in front of SQLite: PRELOGIN with TLS, LOGIN7, batches, `sp_executesql` without parameters, bulk loads,
 * attention. It knows the Transact-SQL that the connector sends and what tests make tables with, refuses all other by name, and has the server's
 * faults where they matter: texts are cut, decimals rounded and failed conversions end the transaction, if anybody asks it to convert.
 *
 * It is no SQL Server. Checked by hand with another client than the driver, `tsql` of FreeTDS 1.3 (Debian's `freetds-bin`), over TLS and without: login, DDL, rows of all types, nulls,
 * errors.
 */
export interface TdsServer {
  readonly port: number;
  readonly account: { readonly username: string; readonly password: string };
  /** Makes an empty database. */
  database(name: string): void;
  /** How many sessions there are. */
  sessions(): number;
  /** The statements that came, in order. */
  readonly heard: string[];
  /** How many rows of results the sockets of a database's clients have taken. */
  rowsSent(database: string): number;
  close(): Promise<void>;
}

/** How a server is started. */
export interface TdsServerSetting {
  /** It then encrypts, and lets in nobody who does not. */
  readonly certificate?: TdsCertificate;
}

/** Starts a server on loopback. */
export async function startTdsServer({ certificate }: TdsServerSetting = {}): Promise<TdsServer> {
  const folder = mkdtempSync(path.join(quickFolder(), "sluice-tds-"));
  const account = { username: "sluice", password: "not-a-Secret-4711" };
  const files = new Map<string, string>();
  const open = new Set<Socket>();
  const heard: string[] = [];
  const sent = new Map<string, number>();
  let last = 50;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    serve(socket, { account, files, heard, sent, id: ++last, ...(certificate ? { certificate } : {}) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    ...{ account, heard },
    port: typeof address === "object" && address !== null ? address.port : 0,
    database(name) {
      const file = path.join(folder, `${files.size}.db`);
      makeDatabase(file);
      files.set(name.toLowerCase(), file);
    },
    sessions: () => open.size,
    rowsSent: (database) => sent.get(database) ?? 0,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** A file system in memory where there is one with room: each statement makes and removes a folder, the engine's lock. */
function quickFolder(): string {
  const memory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize > 2 ** 30 ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

interface Place extends TdsServerSetting {
  readonly account: TdsServer["account"];
  readonly files: ReadonlyMap<string, string>;
  readonly heard: string[];
  /** Rows that went out, by database. */
  readonly sent: Map<string, number>;
  readonly id: number;
}

/** Serves one client: its messages one after the other, but for attention, which ends what is under way. */
function serve(socket: Socket, place: Place): void {
  let engine: TsqlEngine | null = null;
  let isOver = false;
  let isCalled = false;
  let work: Promise<void> = Promise.resolve();
  const wire = tdsWire(socket, (message) => {
    if (message.type === messageTypes.attention) isCalled = true;
    work = work.then(() => (isOver ? undefined : answer(message))).catch(() => void socket.destroy());
  });
  socket.on("close", () => {
    isOver = true;
    void work.finally(() => engine?.close());
  });
  const answer = async ({ type, body }: TdsMessage): Promise<void> => {
    if (type === messageTypes.attention) {
      isCalled = false;
      await wire.send(done({ isAttention: true }));
      return wire.end();
    }
    if (type === messageTypes.prelogin) return prelogin(wire, place);
    if (type === messageTypes.login) {
      engine = await login(wire, body, place);
      if (!engine) socket.end();
      return;
    }
    if (!engine) return void socket.destroy();
    const { database } = engine;
    const onRow = () => void place.sent.set(database, (place.sent.get(database) ?? 0) + 1);
    await respond(wire, { type, body }, { engine, heard: place.heard, onRow, isEnded: () => isCalled || isOver });
  };
}

async function prelogin(wire: TdsWire, { certificate }: Place): Promise<void> {
  await wire.send(preloginAnswer(certificate !== undefined));
  await wire.end();
  if (certificate) wire.startTls(certificate);
}

/** @returns null when the client is not let in */
async function login(wire: TdsWire, body: Buffer, { account, files, id }: Place): Promise<TsqlEngine | null> {
  const { user, password, database, packetSize } = readLogin(body);
  const file = files.get(database.toLowerCase());
  const isKnown = user === account.username && password === account.password;
  if (!isKnown || file === undefined) {
    const refused = isKnown
      ? { number: 4060, message: `Cannot open database "${database}" requested by the login. The login failed.` }
      : { number: 18_456, message: `Login failed for user '${user}'.` };
    await wire.send(Buffer.concat([notice("error", refused), done({ isError: true })]));
    await wire.end();
    return null;
  }
  const size = Math.max(512, Math.min(packetSize || 4096, 32_767));
  await wire.send(
    Buffer.concat([
      envText(1, database, "master"),
      envCollation(),
      loginAck(),
      envText(4, String(size), "4096"),
      done({}),
    ]),
  );
  await wire.end();
  wire.packetSize = size;
  return openEngine(file, { id, database });
}

interface Responding {
  readonly engine: TsqlEngine;
  readonly heard: string[];
  onRow(): void;
  isEnded(): boolean;
}

async function respond(wire: TdsWire, { type, body }: TdsMessage, responding: Responding): Promise<void> {
  const { engine, heard } = responding;
  try {
    if (type === messageTypes.bulk) await wire.send(done({ count: engine.load(readBulkRows(body)) }));
    else {
      const sql =
        type === messageTypes.batch ? readBatch(body) : type === messageTypes.rpc ? readCall(body) : refusedType(type);
      heard.push(sql);
      for (const outcome of engine.run(sql)) await tell(wire, outcome, responding);
      await wire.send(done({}));
    }
  } catch (error) {
    const said =
      error instanceof TsqlError ? error : new TsqlError(50_000, `the stand-in for SQL Server: ${String(error)}`);
    await wire.send(Buffer.concat([notice("error", said), done({ isError: true })]));
  }
  await wire.end();
}

function refusedType(type: number): never {
  throw new TsqlError(4002, `the stand-in takes no message of type ${type}`);
}

let transactions = 0;

async function tell(wire: TdsWire, outcome: Outcome, { isEnded, onRow }: Responding): Promise<void> {
  if (outcome.kind === "error")
    return wire.send(Buffer.concat([notice("error", outcome.error), done({ more: true, isError: true })]));
  if (outcome.kind === "done") return wire.send(done({ more: true, count: outcome.count }));
  if (outcome.kind === "transaction") {
    const descriptor = Buffer.alloc(8);
    descriptor.writeUInt32LE(outcome.what === 8 ? ++transactions : transactions);
    return wire.send(envTransaction(outcome.what, descriptor));
  }
  const writer = rowWriter(outcome.columns);
  await wire.send(writer.columns);
  let count = 0;
  for (const row of outcome.rows) {
    if (isEnded()) return;
    await wire.send(writer.row(row));
    onRow();
    // Others have their turn: an attention may have come.
    if (++count % 256 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await wire.send(done({ more: true, count }));
}
