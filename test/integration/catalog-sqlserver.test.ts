import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchSqlserver, scratchSqlserver } from "../servers/scratch-sqlserver.js";

let scratch: ScratchSqlserver;
const signal = AbortSignal.timeout(patience(6_000));

beforeAll(async () => {
  scratch = await scratchSqlserver();
  await scratch.run(
    "CREATE TABLE orders (part int NOT NULL, amount decimal(10,2), id bigint NOT NULL, at datetime2(3), raw varbinary(max), paid bit, note nvarchar(20), PRIMARY KEY (id, part))",
  );
  await scratch.run("INSERT INTO orders (part, id) VALUES (1, 1), (2, 1), (1, 2)");
  await scratch.run("CREATE TABLE Orders_old (id int)");
  await scratch.run("CREATE SCHEMA archive");
  await scratch.run("CREATE TABLE archive.orders (id int)");
  await scratch.run("CREATE TABLE [100%] (id int)");
});
afterAll(() => scratch?.close());

const catalog = () => {
  if (!sqlserver.catalog) throw new Error("no catalog");
  return sqlserver.catalog;
};
const source = () => sqlserver.source.schema.parse(scratch.source);

test("tables of all schemas are listed by name, page by page, with their rows", async () => {
  const first = await catalog().tables(source(), { search: "", limit: 2, page: null }, signal);
  const second = await catalog().tables(source(), { search: "", limit: 2, page: first.nextPage }, signal);
  const found = [...first.items, ...second.items];
  expect(found.map(({ name, kind, rows }) => [name, kind, rows])).toEqual([
    ["100%", "table", 0],
    ["Orders_old", "table", 0],
    ["archive.orders", "table", 0],
    ["orders", "table", 3],
  ]);
  expect(first.nextPage).toBe("Orders_old");
  expect(second.nextPage).toBeNull();
  expect(found.at(-1)?.bytes).toBeGreaterThan(0);
});

test("a search finds parts of names in any case, and takes wildcards and quotes as letters", async () => {
  const found = async (search: string) =>
    (await catalog().tables(source(), { search, limit: 10, page: null }, signal)).items.map(({ name }) => name);
  expect(await found("ORDERS_")).toEqual(["Orders_old"]);
  expect(await found("%")).toEqual(["100%"]);
  expect(await found("'")).toEqual([]);
});

test("columns come in order, with their types and places in the key", async () => {
  const columns = await catalog().columns?.(source(), "orders", signal);
  expect(columns?.map(({ name, type, declared, nullable, key }) => [name, type, declared, nullable, key])).toEqual([
    ["part", "long", "int", false, 2],
    ["amount", "double", "decimal(10,2)", true, null],
    ["id", "long", "bigint", false, 1],
    ["at", "date", "datetime2(3)", true, null],
    ["raw", "bytes", "varbinary(max)", true, null],
    ["paid", "bool", "bit", true, null],
    ["note", "string", "nvarchar(20)", true, null],
  ]);
  expect(await catalog().columns?.(source(), "archive.orders", signal)).toHaveLength(1);
  await expect(catalog().columns?.(source(), "nothing", signal)).rejects.toMatchObject({
    code: "SOURCE_OBJECT_MISSING",
  });
});

test("a wrong password is told as such, without the password", async () => {
  const wrong = sqlserver.source.schema.parse({ ...scratch.source, password: "wrong-password-9" });
  const failure = await catalog()
    .tables(wrong, { search: "", limit: 1, page: null }, signal)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ACCESS_DENIED" });
  expect(String(failure)).not.toContain("wrong-password-9");
});
