import { createServer } from "mysql2";
import { freePort } from "./server-process.js";

/** A server that lets everybody in and then says nothing. */
export interface HangingMysql {
  readonly port: number;
  /** Connections that are open at the moment. */
  open(): number;
  close(): void;
}

/** Starts one on a loopback port. */
export async function startHangingMysql(): Promise<HangingMysql> {
  const port = await freePort();
  const server = createServer(() => {});
  let open = 0;
  server.on("connection", (connection) => {
    open += 1;
    connection.on("error", () => {});
    // The declarations lack the raw stream.
    (connection as unknown as { stream: NodeJS.EventEmitter }).stream.on("close", () => {
      open -= 1;
    });
    connection.serverHandshake({
      ...{ protocolVersion: 10, serverVersion: "8.0.36", connectionId: open, statusFlags: 2, characterSet: 45 },
      // All but TLS and compression.
      capabilityFlags: 0xff_ff_f7_df,
      authCallback: (_params: unknown, done: (error: null, refusal?: object) => void) => done(null),
    } as never);
    connection.on("query", () => {});
  });
  await new Promise<void>((resolve) => {
    // `listen` of the driver's server takes no host in its declarations, but hands all on to the real one.
    (server as unknown as { listen(port: number, host: string, done: () => void): void }).listen(
      port,
      "127.0.0.1",
      resolve,
    );
  });
  return { port, open: () => open, close: () => server.close(() => {}) };
}
