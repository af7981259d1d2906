import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy before a database server that cuts whatever connection sends certain bytes, as firewalls and proxies with limits do. */
export interface BreakingProxy {
  readonly port: number;
  /** Connections cut so far. */
  cuts(): number;
  close(): Promise<void>;
}

/**
 * Starts a proxy on loopback.
 *
 * @param breaks  judges what a client sends, as it comes; true = both ends are cut, and the server gets none of it
 */
export async function breakingProxy(
  to: { readonly host: string; readonly port: number },
  breaks: (sent: Buffer) => boolean,
): Promise<BreakingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(to.port, to.host);
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", cut).on("close", () => {
        open.delete(socket);
        cut();
      });
    }
    client.on("data", (sent: Buffer) => {
      if (breaks(sent)) {
        cuts++;
        cut();
      } else upstream.write(sent);
    });
    upstream.on("data", (answer: Buffer) => void client.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // A server that listens at a TCP port has such an address.
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
