import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../shared/model/errors.js";

/** A port of this machine that answers on 127.0.0.1 and, where there is one, on ::1: `localhost` may mean either. */
export interface LoopbackPort {
  readonly port: number;
  /** Who answers from now on; before, requests wait. */
  serve(listener: RequestListener): void;
  /** Ends the connections, whatever happens on them. */
  close(): Promise<void>;
}

const ATTEMPTS = 5;

/**
 * Opens a port.
 *
 * @param port  0 = any free one
 * @throws UserError CONFIG_INVALID when another process has it
 */
export async function openPort(port: number, options: ServerOptions = {}): Promise<LoopbackPort> {
  let serve: (listener: RequestListener) => void = () => undefined;
  const ready = new Promise<RequestListener>((resolve) => {
    serve = resolve;
  });
  const listener: RequestListener = (request, response) => void ready.then((answer) => answer(request, response));
  const servers = await openServers({ port, options, listener }, ATTEMPTS);
  return {
    port: (servers[0].address() as AddressInfo).port, // a server that listens on TCP has an address of this kind
    serve: (answer) => serve(answer),
    close: async () => void (await Promise.all(servers.map(closeServer))),
  };
}

interface Wanted {
  readonly port: number;
  readonly options: ServerOptions;
  readonly listener: RequestListener;
}

async function openServers(wanted: Wanted, attempts: number): Promise<[Server, ...Server[]]> {
  const { port, options, listener } = wanted;
  const first = await listen(createServer(options, listener), port, "127.0.0.1");
  if (first instanceof Error) throw occupied(port, first);
  const { port: chosen } = first.address() as AddressInfo; // as above
  const second = await listen(createServer(options, listener), chosen, "::1");
  if (!(second instanceof Error)) return [first, second];
  if (second.code !== "EADDRINUSE") return [first]; // no IPv6 here: localhost is 127.0.0.1
  await closeServer(first);
  if (port !== 0 || attempts === 0) throw occupied(chosen, second);
  return openServers(wanted, attempts - 1);
}

function listen(server: Server, port: number, host: string): Promise<Server | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ port, host, ipv6Only: host === "::1" }, () => resolve(server));
  });
}

function occupied(port: number, cause: Error): UserError {
  return new UserError("CONFIG_INVALID", `port ${port} of this machine cannot be opened: ${cause.message}`, {
    cause,
    path: "port",
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
