import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import TableStore, { type CellValue } from "tablestore";
import { openStore } from "../../infra/local/store/store.js";
import { createTablestore } from "../../infra/local/tablestore/server.js";
import { ots } from "../../shared/connectors/ots/index.js";
import type { Cell } from "../../shared/model/batch.js";
import { freePort } from "../servers/server-process.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const credentials = { accountId: "1000", accessKeyId: "id", accessKeySecret: "right-secret", securityToken: "t" };

const decimal38 = "a Tablestore double has 53 bits";

conformance(ots, otsFixture, {
  modes: [{ name: "PutRow", parameter: { writeMode: "PutRow" } }],
  unsupported: { decimal38 },
});

const { reader: _, ...writerOnly } = ots;
conformance(writerOnly, otsFixture, {
  modes: [{ name: "UpdateRow", parameter: { writeMode: "UpdateRow" } }],
  unsupported: {
    decimal38,
    emptyString: "an update that only deletes columns makes no row",
    secrets: "the client is the one that PutRow was tried with",
  },
});

const writerParameter = {
  primaryKey: [{ name: "id", type: "int" }],
  column: [
    { name: "name", type: "string" },
    { name: "amount", type: "double" },
    { name: "at", type: "string" },
    { name: "raw", type: "binary" },
  ],
};

async function otsFixture(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "ots-conformance-"));
  const store = await openStore(folder, { sync: false });
  const faults = { take: () => null };
  const service = createTablestore({ store, credentials, region: "local", now: Date.now, faults });
  const server = createServer((request, response) => service.handle(request, response));
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const source = { endpoint, instanceName: "conform", accessId: "id", accessKey: "right-secret" };
  const table = tableMaker(source);
  return {
    source,
    wrongPassword: { ...source, accessKey: "wrong-secret" },
    closedPort: { ...source, endpoint: `http://127.0.0.1:${await freePort()}` },
    failing: { "an unknown instance": { ...source, instanceName: "nowhere" } },
    missing: {
      table: "no_such_table",
      reader: { table: "no_such_table", column: ["id"] },
      writer: { ...writerParameter, table: "no_such_table" },
    },
    async fill(rows) {
      const made = await table();
      await made.put(rows);
      const column = ["id", "name", { name: "amount", type: "double" }, "at", "raw"];
      return { table: made.name, column };
    },
    async target() {
      const made = await table();
      return {
        parameter: { ...writerParameter, table: made.name },
        rows: made.rows,
        refused: { row: ["100000", "x".repeat(2 * 1024 * 1024 + 1), "1", null, null], column: "name" },
      };
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close?.();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An instance has room for 64 tables, and a test needs one or two. */
const KEPT = 10;

/** Makes tables, fills and reads them over a connection per call, so that none of its own is open between. */
function tableMaker(source: { endpoint: string; instanceName: string; accessId: string; accessKey: string }) {
  const client = new TableStore.Client({
    accessKeyId: source.accessId,
    secretAccessKey: source.accessKey,
    endpoint: source.endpoint,
    instancename: source.instanceName,
    maxRetries: 0,
    httpOptions: { agent: false } as never, // the types lack `agent`
  });
  let made = 0;
  const kept: string[] = [];
  return async () => {
    const name = `table_${made++}`;
    const [oldest = ""] = kept;
    if (kept.length >= KEPT) await client.deleteTable({ tableName: oldest }).then(() => kept.shift());
    await client.createTable({
      tableMeta: { tableName: name, primaryKey: [{ name: "id", type: "INTEGER" }] },
      tableOptions: { timeToLive: -1, maxVersions: 1 },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    });
    kept.push(name);
    const put = async (rows: readonly TestRow[]) => {
      for (let at = 0; at < rows.length; at += 200) {
        await client.batchWriteRow({ tables: [{ tableName: name, rows: rows.slice(at, at + 200).map(sdkRow) }] });
      }
    };
    const rows = async (): Promise<TestRow[]> => {
      const found: TestRow[] = [];
      let start = [{ id: TableStore.INF_MIN as CellValue | typeof TableStore.INF_MIN }];
      for (;;) {
        const page = await client.getRange({
          tableName: name,
          direction: "FORWARD",
          inclusiveStartPrimaryKey: start,
          exclusiveEndPrimaryKey: [{ id: TableStore.INF_MAX }],
        });
        for (const { primaryKey, attributes } of page.rows) {
          const cells = new Map(attributes?.map((one) => [one.columnName, cellOf(one.columnValue)]));
          const cell = (column: string) => cells.get(column) ?? null;
          found.push([String(primaryKey?.[0]?.value), cell("name"), cell("amount"), cell("at"), cell("raw")]);
        }
        if (!page.nextStartPrimaryKey) return found;
        start = page.nextStartPrimaryKey.map(({ value }) => ({ id: value }));
      }
    };
    return { name, put, rows };
  };
}

function sdkRow([id, name, amount, at, raw]: TestRow) {
  const attributes = { name, amount: amount === null ? null : Number(amount), at, raw };
  return {
    type: "PUT" as const,
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [{ id: TableStore.Long.fromString(id) }],
    attributeColumns: Object.entries(attributes)
      .filter(([, value]) => value !== null)
      .map(([column, value]) => ({ [column]: value })),
  };
}

function cellOf(value: CellValue): Cell {
  return value === null || Buffer.isBuffer(value) ? value : String(value);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
