import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import type { Scratch, TestRow } from "./fixture.js";
import { sqlCases } from "./sql-cases.js";
import type { SqlScratch } from "./sql-fixture.js";
import { cellOf, openConnections } from "./sqlite/client.js";
import { sqlite } from "./sqlite/index.js";
import { hex, sqliteText } from "./sqlite/text.js";
import { conformance } from "./suite.js";

/** A file of its own. */
async function scratchFile(): Promise<SqlScratch & { readonly source: { readonly database: string } }> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-sqlite-"));
  const database = path.join(folder, "a.db");
  const db = new Database(database);
  return {
    source: { database },
    async run(sql) {
      // Kept tables are of declared types; a script of several statements is run as a whole.
      if (!/^\s*SELECT/i.test(sql)) {
        db.exec(/^CREATE TABLE/i.test(sql) ? `${sql} STRICT` : sql);
        return [];
      }
      const rows = db.all(sql) as Record<string, unknown>[]; // not expanded
      return rows.map((row) => Object.values(row).map((cell) => cellOf(cell)?.toString() ?? null));
    },
    async close() {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}

const declaration = "id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) <= 2000), amount TEXT, at TEXT, raw BLOB";
const column = ["id", "name", "amount", "at", "raw"];

async function sqliteFixture(): Promise<Scratch> {
  const file = await scratchFile();
  let made = 0;
  const make = async () => {
    const table = `t${++made}`;
    await file.run(`CREATE TABLE ${table} (${declaration})`);
    return table;
  };
  const literal = (cell: TestRow[number]) => {
    if (cell === null) return "NULL";
    return Buffer.isBuffer(cell) ? hex(cell) : sqliteText.quoteText(cell);
  };
  return {
    source: file.source,
    failing: { "an unknown database": { database: `${file.source.database}.missing` } },
    missing: { reader: { table: "no_such_table", column }, writer: { table: "no_such_table", column } },
    async fill(rows) {
      const table = await make();
      const values = rows.map((row) => `(${row.map(literal).join(", ")})`);
      for (let i = 0; i < values.length; i += 500)
        await file.run(`INSERT INTO ${table} VALUES ${values.slice(i, i + 500).join(", ")}`);
      return { table, column };
    },
    async target() {
      const table = await make();
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await file.run(`SELECT id, name, amount, at, hex(raw), raw IS NULL FROM ${table} ORDER BY id`);
          return found.map(([id, name = null, amount = null, at = null, raw, isNull]): TestRow => {
            return [String(id), name, amount, at, isNull === "1" ? null : Buffer.from(raw ?? "", "hex")];
          });
        },
        refused: { row: ["1001000", "x".repeat(2001), "1", null, null] },
      };
    },
    connections: async () => openConnections(),
    close: file.close,
  };
}

const ways = {
  replace: { writeMode: "replace" },
  update: { writeMode: "update" },
  ignore: { writeMode: "insert ignore" },
};

conformance(sqlite, sqliteFixture, {
  modes: [
    { name: "insert", parameter: {} },
    { name: "replace", parameter: ways.replace },
    { name: "update", parameter: ways.update },
  ],
  unsupported: {
    registered: "it is made to see how little a system takes, and no step type",
    secrets: "a file has no password",
    zeroByte: "its driver reads texts up to a zero byte",
  },
});

sqlCases(sqlite, scratchFile, {
  types: { integer: "INTEGER", text: "TEXT", long: "TEXT" },
  keys: [
    {
      ...{ name: "bytes", columns: ["id BLOB NOT NULL"], displayedBy: "lower(hex(id))" },
      literals: (n) => hex(Buffer.from([n & 255, n >> 8, 7])),
    },
  ],
  dirt: {
    declaration:
      "id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (length(name) <= 20), day TEXT, amount REAL CHECK (amount <> 13)",
    bad: [
      [["100001", "x".repeat(21), null, null], "CONSTRAINT"],
      [["99999999999999999999", "big", null, null], "CONVERSION"],
      [["100005", "amount", null, "abc"], "CONVERSION"],
      [["100006", null, null, null], "NOT_NULL"],
      [["100007", "check", null, "13"], "CONSTRAINT"],
      [["abc", "id", null, null], "CONVERSION"],
    ],
  },
  inserts: { insert: {} },
  upserts: ways,
  blocksReaders: "the file is locked while another connection has written",
});
