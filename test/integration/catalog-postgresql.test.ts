import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";

let scratch: ScratchPostgres;
const signal = AbortSignal.timeout(patience(6_000));

beforeAll(async () => {
  scratch = await scratchPostgres();
  await scratch.query(`
    CREATE TABLE orders (part int NOT NULL, amount numeric(10,2), id bigint NOT NULL, at timestamptz, tags text[],
      paid boolean, raw bytea, note varchar(20), PRIMARY KEY (id, part));
    COMMENT ON TABLE orders IS 'what was bought';
    CREATE TABLE "Orders_old" (id int); CREATE VIEW big_orders AS SELECT id FROM orders;
    CREATE SCHEMA archive; CREATE TABLE archive.orders (id int)`);
});
afterAll(() => scratch?.drop());

const catalog = () => {
  if (!postgresql.catalog) throw new Error("no catalog");
  return postgresql.catalog;
};
const source = () => postgresql.source.schema.parse(scratch.source);

test("tables of all schemas are listed by name, page by page", async () => {
  const first = await catalog().tables(source(), { search: "", limit: 2, page: null }, signal);
  const second = await catalog().tables(source(), { search: "", limit: 2, page: first.nextPage }, signal);
  expect([...first.items, ...second.items].map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "Orders_old table",
    "archive.orders table",
    "big_orders view",
    "orders table",
  ]);
  expect(second.nextPage).toBeNull();
  expect(second.items[1]?.comment).toBe("what was bought");
});

test("a search finds parts of names in any case, and takes wildcards as letters", async () => {
  const found = async (search: string) =>
    (await catalog().tables(source(), { search, limit: 10, page: null }, signal)).items.map(({ name }) => name);
  expect(await found("ORDERS_")).toEqual(["Orders_old"]);
  expect(await found("%")).toEqual([]);
});

test("columns come in order, with their types and places in the key", async () => {
  const columns = await catalog().columns?.(source(), "orders", signal);
  expect(columns?.map(({ name, type, declared, nullable, key }) => [name, type, declared, nullable, key])).toEqual([
    ["part", "long", "integer", false, 2],
    ["amount", "double", "numeric(10,2)", true, null],
    ["id", "long", "bigint", false, 1],
    ["at", "date", "timestamp with time zone", true, null],
    ["tags", "string", "text[]", true, null],
    ["paid", "bool", "boolean", true, null],
    ["raw", "bytes", "bytea", true, null],
    ["note", "string", "character varying(20)", true, null],
  ]);
  expect(await catalog().columns?.(source(), "archive.orders", signal)).toHaveLength(1);
  await expect(catalog().columns?.(source(), "nothing", signal)).rejects.toMatchObject({
    code: "SOURCE_OBJECT_MISSING",
  });
});

test("a wrong password is told as such, without the password", async () => {
  const wrong = postgresql.source.schema.parse({ ...scratch.source, password: "wrong-password-9" });
  const failure = await catalog()
    .tables(wrong, { search: "", limit: 1, page: null }, signal)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ACCESS_DENIED" });
  expect(String(failure)).not.toContain("wrong-password-9");
});
