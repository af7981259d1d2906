import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { guardedConnect, type Target } from "./guard.js";

/** A tunnel on loopback whose far ends pass the guard. */
export interface GuardedProxy {
  readonly host: string;
  readonly port: number;
  /** Cuts all tunnels. */
  close(): Promise<void>;
}

/**
 * Opens an HTTP CONNECT proxy for a driver that opens its sockets itself, also those that its server redirects it to.
 * What the guard refuses, or nobody answers, is a 502; the reason goes to `onFailure`.
 */
export async function openGuardedProxy(onFailure: (error: Error) => void): Promise<GuardedProxy> {
  const open = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", (request, near: Socket, head: Buffer) => {
    const far = guardedConnect(targetOf(request.url ?? ""));
    for (const socket of [near, far]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    }
    let isOpen = false;
    near.on("error", () => {}).once("close", () => far.destroy());
    // What has arrived is still delivered.
    far.once("close", () => near.end());
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
  const port = await listen(server);
  return {
    host: "127.0.0.1",
    port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function targetOf(authority: string): Target {
  const [, v6, name, port] = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(authority) ?? [];
  return { host: v6 ?? name ?? "", port: Number(port ?? 0) };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has such an address.
  return (server.address() as AddressInfo).port;
}
