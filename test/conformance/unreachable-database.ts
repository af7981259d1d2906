import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Scratch } from "./fixture.js";

/** A place for systems of which no server can be had: it hangs up, or speaks as no database does. */
export async function unreachableDatabase(): Promise<Scratch> {
  const listening = async (greet: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      greet(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return { server, port: (server.address() as AddressInfo).port };
  };
  const rude = await listening((socket) => socket.destroy());
  const foreign = await listening((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  // What the client says comes back: whatever of a secret it sends is in the answer that it complains about.
  const echo = await listening((socket) => void socket.pipe(socket));
  const account = { database: "shop", username: "reader", password: "right-secret-5" };
  const source = { host: "127.0.0.1", port: rude.port, ...account };
  return {
    source,
    closedPort: { ...source, port: 1 },
    failing: {
      "a server that hangs up": source,
      "a server of another kind": { ...source, port: foreign.port },
      "a server that repeats what it hears": { ...source, port: echo.port, properties: { connectTimeout: "1500" } },
    },
    async close() {
      for (const { server } of [rude, foreign, echo]) server.close();
    },
  };
}
