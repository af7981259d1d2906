import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { guardedConnect, type NetworkTarget } from "./guard.js";

/** A way out on loopback whose far ends pass the guard, for a driver that opens its sockets itself. */
export interface GuardedWay {
  readonly host: string;
  readonly port: number;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/**
 * Opens an HTTP CONNECT proxy, for drivers that know such a thing: also what a server redirects them to is checked then.
 * What the guard refuses, or nobody answers, is a 502; the reason goes to `onFailure`.
 */
export async function openGuardedProxy(onFailure: (error: Error) => void): Promise<GuardedWay> {
  const server = createHttpServer((_, response) => response.writeHead(405).end());
  const open = new Set<Socket>();
  server.on("connect", (request, near: Socket, head: Buffer) => {
    const far = guardedConnect(targetOf(request.url ?? ""));
    join(open, near, far);
    let isOpen = false;
    far.once("error", (error) => {
      onFailure(error);
      if (!isOpen) near.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    far.once("connect", () => {
      isOpen = true;
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.write(head);
      near.pipe(far).pipe(near);
    });
  });
  return wayOf(server, open);
}

/** Where a relay leads, and what it watches for. */
export interface RelayOptions {
  readonly target: NetworkTarget;
  /** Looks at what the server sends; an error cuts the connection. */
  readonly inspect: (data: Buffer) => Error | null;
  readonly onFailure: (error: Error) => void;
}

/** Opens a port that leads to one target. */
export async function openGuardedRelay({ target, inspect, onFailure }: RelayOptions): Promise<GuardedWay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = guardedConnect(target);
    join(open, near, far);
    far.once("error", onFailure);
    near.pipe(far);
    far.on("data", (data: Buffer) => {
      const objection = inspect(data);
      if (objection) far.destroy(objection);
      else if (!near.write(data)) far.pause();
    });
    near.on("drain", () => far.resume());
  });
  return wayOf(server, open);
}

function join(open: Set<Socket>, near: Socket, far: Socket): void {
  for (const socket of [near, far]) {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  }
  near.on("error", () => {}).once("close", () => far.destroy());
  // What has arrived is still delivered.
  far.once("close", () => near.end());
}

async function wayOf(server: Server, open: ReadonlySet<Socket>): Promise<GuardedWay> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    host: "127.0.0.1",
    // A TCP server that listens has such an address.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function targetOf(authority: string): NetworkTarget {
  const [, v6, name, port] = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(authority) ?? [];
  return { host: v6 ?? name ?? "", port: Number(port ?? 0) };
}
