import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import { opened, valuesOf } from "../servers/scratch-sqlserver.js";
import { startTdsServer, type TdsServer } from "../servers/tds/server.js";
import { planned, sideOf } from "./drive.js";

const { reader } = sqlserver;
if (!reader) throw new Error("the connector reads");

/** With rows of 8 KB, more than sockets and queues of both ends hold together. */
const ROWS = 3_000;

let server: TdsServer;
beforeAll(async () => {
  server = await startTdsServer();
  for (const name of ["slow", "swift"]) {
    server.database(name);
    const plain = await opened(sourceOf(name));
    await valuesOf(plain, "CREATE TABLE pads (id int PRIMARY KEY)");
    for (let from = 0; from < ROWS; from += 1_000) {
      const values = Array.from({ length: 1_000 }, (_, at) => `(${from + at})`);
      await valuesOf(plain, `INSERT INTO pads VALUES ${values.join(", ")}`);
    }
    plain.close();
  }
});
afterAll(() => server.close());

const sourceOf = (database: string) => ({
  ...{ host: "127.0.0.1", port: server.port, database, ...server.account },
  properties: { encrypt: "false", trustServerCertificate: "true" },
});

/** Reads wide rows of a database of its own. */
async function batches(database: string) {
  const querySql = "SELECT id, REPLICATE(N'x', 4000) AS pad FROM pads";
  const side = sideOf(sqlserver, reader!.params, sourceOf(database), { querySql });
  const [split] = await planned(reader!, side, 1);
  return reader!.read(side, split!.spec, null)[Symbol.asyncIterator]();
}

test("while nobody takes rows the server sends none, and goes on when somebody does", async () => {
  const slow = await batches("slow");
  const first = await slow.next();
  let taken = first.done ? 0 : first.value.count;
  expect(taken).toBeGreaterThan(0);
  // Beside it another reads the same to its end: an unhindered server would have been done with the first one before.
  let beside = 0;
  const swift = await batches("swift");
  for (let next = await swift.next(); !next.done; next = await swift.next()) beside += next.value.count;
  expect(beside).toBe(ROWS);
  expect(server.rowsSent("swift")).toBeGreaterThanOrEqual(ROWS);
  expect(server.rowsSent("slow")).toBeLessThan(ROWS);
  for (let next = await slow.next(); !next.done; next = await slow.next()) taken += next.value.count;
  expect(taken).toBe(ROWS);
});
