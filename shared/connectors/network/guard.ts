import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction, Socket, type SocketConnectOpts } from "node:net";
import { UserError } from "../../model/errors.js";
import { type NetworkPolicy, readPolicy } from "./policy.js";

/** Finds all addresses of a name. */
export type Resolver = (host: string) => Promise<readonly LookupAddress[]>;

/** A host and a port. */
export interface NetworkTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * What stands between a data source's address and the network. A name is resolved once, all its addresses are checked,
 * and the connection goes to what was checked: a name that changes its address in between gains nothing.
 */
export interface Guard {
  /** @throws UserError NETWORK_DENIED; the resolver's own error for an unknown name */
  resolve(host: string): Promise<readonly LookupAddress[]>;
  /** The same for `net`, `tls` and agents. Node does not ask it about IP addresses: use `socket` or `checkLiteral` for those. */
  readonly lookup: LookupFunction;
  /** @throws UserError NETWORK_DENIED when the host is an IP address that is refused */
  checkLiteral(host: string): void;
  /** A socket that connects through the guard, whoever calls its `connect`. A refusal is its `error` event. */
  socket(): Socket;
}

/** Makes a guard; `resolver` is the system's unless a test brings its own. */
export function createGuard(policy: NetworkPolicy, resolver: Resolver = resolveBySystem): Guard {
  const check = (host: string, address: string): void => {
    const refusal = policy.refusal(host, address);
    if (refusal === null) return;
    throw new UserError("NETWORK_DENIED", `connecting to ${host} is not allowed: ${refusal}`);
  };
  const checkLiteral = (host: string): void => {
    const bare = host.replace(/^\[|\]$/g, "");
    if (isIP(bare) !== 0) check(bare, bare);
  };
  const resolve = async (host: string): Promise<readonly LookupAddress[]> => {
    const found = await resolver(host);
    for (const { address } of found) check(host, address);
    return found;
  };
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const wanted = found.filter(({ family }) => !options.family || options.family === family);
        const [first] = wanted;
        if (!first) return callback(notFound(host), "", 0);
        if (options.all) callback(null, [...wanted]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
  return { resolve, lookup, checkLiteral, socket: () => guardedSocket(checkLiteral, lookup) };
}

let kept: { readonly key: string; readonly guard: Guard } | undefined;

/** The guard that this process's environment asks for. */
export function networkGuard(env: NodeJS.ProcessEnv = process.env): Guard {
  const key = JSON.stringify([env.SLUICE_STAGE, env.SLUICE_NETWORK_DENY, env.SLUICE_NETWORK_ALLOW]);
  if (kept?.key !== key) kept = { key, guard: createGuard(readPolicy(env)) };
  return kept.guard;
}

/** A socket on its way to a target, through this process's guard: for drivers that take one. */
export function guardedConnect({ host, port }: NetworkTarget): Socket {
  const socket = networkGuard().socket();
  socket.connect({ host, port });
  return socket;
}

/**
 * The refusal inside whatever an SDK made of it: they overwrite codes and wrap errors, but hand the message on.
 * Null = the error is another one.
 */
export function guardRefusal(error: unknown): UserError | null {
  if (!(error instanceof Error)) return null;
  const found = /connecting to \S+(?: \(\S+\))? is not allowed: [^\n]*/.exec(error.message);
  return found ? new UserError("NETWORK_DENIED", found[0], { cause: error }) : guardRefusal(error.cause);
}

function guardedSocket(checkLiteral: Guard["checkLiteral"], lookup: LookupFunction): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const guarded = (first: SocketConnectOpts | number | string, host?: unknown): Socket => {
    const options = typeof first === "object" ? first : { port: Number(first), host: String(host) };
    if (!("port" in options)) return socket.destroy(new UserError("NETWORK_DENIED", "only TCP can be used"));
    try {
      checkLiteral(options.host ?? "localhost");
    } catch (error) {
      // The check throws nothing else.
      return socket.destroy(error as UserError);
    }
    tellNoAddress(socket, options.host ?? "localhost");
    return connect({ ...options, lookup });
  };
  // One function stands for all the overloads of `connect`; drivers use (port, host) or (options).
  socket.connect = guarded as Socket["connect"];
  return socket;
}

/**
 * Puts the host as it was asked for into errors of a socket, in place of the address that it stands for: messages reach callers, who
 * may not learn the network's inside from them. The error's own `address` stays, for logs.
 */
export function tellNoAddress(socket: Socket, host: string): void {
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) return;
  socket.prependListener("error", (error: Error) => {
    for (const one of [error, ...inside(error)]) one.message = withHost(one, host);
  });
}

/** Several addresses that were tried in turn fail as one error. */
function inside(error: Error): Error[] {
  return error instanceof AggregateError ? error.errors.filter((one) => one instanceof Error) : [];
}

/** As Node writes it: `connect ECONNREFUSED 10.0.0.5:3306 - Local (10.0.0.9:41872)`. */
function withHost(error: NodeJS.ErrnoException & { address?: unknown }, host: string): string {
  const { address, message } = error;
  if (typeof address !== "string" || address === "") return message;
  return message.replaceAll(address, host).replace(/ - Local \(.*\)$/, "");
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return systemLookup(host.replace(/^\[|\]$/g, ""), { all: true });
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address of the wanted family`), { code: "ENOTFOUND" });
}
