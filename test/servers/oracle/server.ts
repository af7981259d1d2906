import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { answered, writeEnd } from "./answers.js";
import { type OracleEngine, oracleEngine } from "./database.js";
import {
  acceptBody,
  connectDataOf,
  dataTypesAnswer,
  hasMoreConnectData,
  protocolAnswer,
  redirectBody,
  refuseBody,
} from "./handshake.js";
import { nameInLogin, type OracleAccount, startLogin } from "./login.js";
import { dataOf, type Packet, type PacketLine, packetLine, packetTypes } from "./packets.js";
import { type ServerLog, type WireSession, wireSession } from "./session.js";
import { WireReader } from "./wire.js";

/** How a server is. */
export interface OracleServerOptions {
  readonly service?: string;
  readonly sid?: string;
  readonly charset?: string;
  readonly account?: OracleAccount;
  /** Clients are sent there first, as by the listener of a cluster. */
  readonly redirectTo?: { readonly host: string; readonly port: number };
}

/** A server that speaks Oracle's protocol, as far as the driver's thin mode needs it. */
export interface OracleServer {
  readonly port: number;
  readonly engine: OracleEngine;
  readonly log: ServerLog;
  /** Clients that are connected. */
  connections(): number;
  /** Properties of a data source for it. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  close(): Promise<void>;
}

const usual: OracleAccount = { username: "SHOP", password: "right-secret-7" };

/** Starts a server with an empty database on a free port of loopback. */
export async function startOracle(options: OracleServerOptions = {}): Promise<OracleServer> {
  const { service = "shop.example", charset = "AL32UTF8", account = usual } = options;
  const engine = oracleEngine({ schema: account.username.toUpperCase(), charset });
  const log: ServerLog = { statements: [], fetched: [] };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    void serve(socket, { ...options, service, account, engine, log }).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, engine, log, connections: () => open.size },
    source: { host: "127.0.0.1", port, database: service, ...account },
    close: () => closed(server, open, engine),
  };
}

async function closed(server: Server, open: ReadonlySet<Socket>, engine: OracleEngine): Promise<void> {
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  engine.close();
}

interface Serving extends OracleServerOptions {
  readonly service: string;
  readonly account: OracleAccount;
  readonly engine: OracleEngine;
  readonly log: ServerLog;
}

async function serve(socket: Socket, serving: Serving): Promise<void> {
  const line = packetLine(socket);
  const packets = line.packets();
  const next = async (): Promise<Packet> => {
    const { value, done } = await packets.next();
    if (done || !value) throw new Error("the client has gone");
    return value;
  };
  if (!(await welcomed(line, next, serving))) return void socket.end();
  const session = await loggedIn(line, next, serving);
  if (!session) return void socket.end();
  try {
    await work(line, packets, session);
  } finally {
    session.close();
    socket.end();
  }
}

async function welcomed(
  line: PacketLine,
  next: () => Promise<Packet>,
  { service, sid, redirectTo }: Serving,
): Promise<boolean> {
  const { body } = await next();
  const rest = hasMoreConnectData(body) ? dataOf(await next()).payload : Buffer.alloc(0);
  const wanted = connectDataOf(body, rest);
  if (redirectTo) line.send(packetTypes.redirect, redirectBody(redirectTo.host, redirectTo.port));
  else if (wanted.sid !== null && wanted.sid !== sid) line.send(packetTypes.refuse, refuseBody(12_505));
  else if (wanted.sid === null && wanted.service !== service) line.send(packetTypes.refuse, refuseBody(12_514));
  else {
    line.send(packetTypes.accept, acceptBody());
    line.accepted();
    return true;
  }
  return false;
}

/** A request in all its packets. */
async function request(next: () => Promise<Packet>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const { payload, isLast } = dataOf(await next());
    parts.push(payload);
    if (isLast) return Buffer.concat(parts);
  }
}

async function loggedIn(
  line: PacketLine,
  next: () => Promise<Packet>,
  { account, engine, log }: Serving,
): Promise<WireSession | null> {
  await request(next);
  line.answer(protocolAnswer());
  await request(next);
  line.answer(dataTypesAnswer());
  const first = new WireReader(await request(next));
  first.bytes(3);
  const name = nameInLogin(first).toUpperCase();
  const login = startLogin(name === account.username.toUpperCase() ? account : undefined);
  line.answer(login.challenge());
  const second = new WireReader(await request(next));
  second.bytes(3);
  nameInLogin(second);
  const proof = login.answer(second);
  if (proof) line.answer(proof);
  else
    line.answer(
      answered((answer) =>
        writeEnd(answer, {
          cursor: 0,
          rows: 0,
          inTransaction: false,
          error: { number: 1017, message: "ORA-01017: invalid credential or not authorized; logon denied\n" },
        }),
      ),
    );
  return proof ? wireSession(engine, log) : null;
}

const markers = { broken: 1, reset: 2, interrupt: 3 } as const;

/** Answers requests; an interruption ends the one under way, and is followed by a reset of both directions. */
async function work(line: PacketLine, packets: AsyncGenerator<Packet>, session: WireSession): Promise<void> {
  let parts: Buffer[] = [];
  for await (const packet of packets) {
    if (packet.type === packetTypes.marker) {
      const kind = packet.body[2];
      if (kind === markers.interrupt) {
        session.interrupt();
        line.send(packetTypes.marker, Buffer.from([1, 0, markers.broken]));
      }
      if (kind !== markers.reset) continue;
      line.send(packetTypes.marker, Buffer.from([1, 0, markers.reset]));
      line.answer(
        answered((answer) =>
          writeEnd(answer, {
            cursor: 0,
            rows: 0,
            inTransaction: false,
            error: { number: 1013, message: "ORA-01013: user requested cancel of current operation\n" },
          }),
        ),
      );
      continue;
    }
    const { payload, isLast, isFarewell } = dataOf(packet);
    if (isFarewell) return;
    parts.push(payload);
    if (!isLast) continue;
    const whole = Buffer.concat(parts);
    parts = [];
    // Not waited for: an interruption may come meanwhile.
    void session.answer(whole).then((answer) => answer && line.answer(answer));
  }
}
