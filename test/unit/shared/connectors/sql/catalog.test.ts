import { expect, it } from "vitest";
import { sqlCatalog } from "../../../../../shared/connectors/sql/catalog.js";
import { standardText } from "../../../../../shared/connectors/sql/sql-text.js";
import type { SqlSystem } from "../../../../../shared/connectors/sql/system.js";
import type { SqlTypes } from "../../../../../shared/connectors/sql/types.js";
import { UserError } from "../../../../../shared/model/errors.js";

const listed = [
  ["archive.orders", "table", "12", null, null, "archive"],
  ["big", "view", null, null, "of last year", "main"],
  ["orders", "table", null, "8192", "", "main"],
];

/** A system whose catalog holds three tables; `done` is what was asked of its connections. */
function threeTables(fails = false) {
  const done: string[] = [];
  const connection = {
    putBack: [],
    async query(sql: string) {
      done.push(sql);
      if (fails) throw new Error("server gone");
      return { names: [], rows: listed };
    },
    async execute(sql: string) {
      done.push(sql);
      return { affectedRows: 0 };
    },
    close: async () => void done.push("close"),
  };
  // Only what a catalog asks of a system.
  const system = {
    text: standardText,
    errors: { toSluiceError: (_: unknown, doing: string) => new UserError("SOURCE_UNREACHABLE", doing) },
    connect: async () => connection,
    describeTable: async () => ({
      columns: ["at", "id", "part"].map((name) => ({ name, type: "long", declared: "int", isNullable: name === "at" })),
      indexes: [
        { isPrimary: false, columns: ["at"] },
        { isPrimary: true, columns: ["part", "id"] },
      ],
    }),
  } as unknown as SqlSystem<SqlTypes>;
  return { system, done };
}

const source = { database: "shop" };
const signal = new AbortController().signal;

it("Tables come as the statement tells them, by the names that jobs use, and the page ends at the last name of it", async () => {
  const { system, done } = threeTables();
  const catalog = sqlCatalog(system, {
    session: ["SET look"],
    tables: ({ database }, { limit }) => `list ${database} ${limit}`,
    displayed: ([schema]) => `in ${schema}`,
  });
  expect(await catalog.tables(source, { search: "", limit: 2, page: null }, signal)).toEqual({
    items: [
      { name: "in archive", kind: "table", rows: 12, bytes: null, comment: "" },
      { name: "in main", kind: "view", rows: null, bytes: null, comment: "of last year" },
    ],
    nextPage: "big",
  });
  expect((await catalog.tables(source, { search: "", limit: 3, page: null }, signal)).nextPage).toBeNull();
  expect(done).toEqual(["SET look", "list shop 2", "close", "SET look", "list shop 3", "close"]);
});

it("Columns have their places in the primary key", async () => {
  const catalog = sqlCatalog(threeTables().system, { tables: () => "" });
  const columns = await catalog.columns?.(source, "orders", signal);
  expect(columns?.map(({ name, nullable, key }) => [name, nullable, key])).toEqual([
    ["at", true, null],
    ["id", false, 2],
    ["part", false, 1],
  ]);
});

it("A look that fails says where it looked, and leaves no connection; a data source without a database opens none", async () => {
  const { system, done } = threeTables(true);
  const catalog = sqlCatalog(system, {
    require({ database }) {
      if (database === "") throw new UserError("CONFIG_INVALID", "names no database");
    },
    tables: () => "list",
  });
  const query = { search: "", limit: 2, page: null };
  await expect(catalog.tables(source, query, signal)).rejects.toThrow("looking into database shop");
  expect(done).toEqual(["list", "close"]);
  await expect(catalog.tables({ database: "" }, query, signal)).rejects.toThrow("names no database");
  expect(done).toHaveLength(2);
});
