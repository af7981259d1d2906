import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Database } from "node-sqlite3-wasm";
import { makeCatalog } from "./catalog.js";
import { addDb2Functions } from "./functions.js";

/** A database that the tests' driver finds by its name: SQLite, and a port at which somebody answers. */
export interface Db2Place {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly schema: string;
  readonly database: Database;
  /** Tables by name, with what the catalog says of them. */
  readonly catalog: ReturnType<typeof makeCatalog>;
  /** The connection that has changed something and not committed it; null = none. */
  owner: object | null;
  readonly waiting: (() => void)[];
}

const places = new Map<string, Db2Place>();

/** The database of a name; undefined = there is none. */
export function placeNamed(name: string): Db2Place | undefined {
  return places.get(name);
}

/** Makes an empty database with an account, and a port that leads to it. */
export async function openPlace(name: string) {
  const database = new Database();
  addDb2Functions(database);
  const account = { username: "shop", password: "right-secret-3" };
  const schema = "SHOP";
  places.set(name, {
    name,
    ...account,
    schema,
    database,
    catalog: makeCatalog(database, schema),
    owner: null,
    waiting: [],
  });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    socket.write("+");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    source: { host: "127.0.0.1", port: (server.address() as AddressInfo).port, database: name, ...account },
    connections: () => open.size,
    async close() {
      places.delete(name);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      database.close();
    },
  };
}
