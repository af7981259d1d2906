import { describe, expect, test } from "vitest";
import { postgresqlColumnsOf as describeColumns } from "../../../../../shared/connectors/postgresql/describe.js";
import {
  copySql,
  mergeSql,
  postgresqlCellLiteral,
  postgresqlInsertParts,
  stageSql,
} from "../../../../../shared/connectors/postgresql/insert-sql.js";
import { notOnlyPostgresqlSet } from "../../../../../shared/connectors/postgresql/only-set.js";
import { postgresqlText, quotePostgresqlText } from "../../../../../shared/connectors/postgresql/sql-text.js";
import { postgresqlStatements } from "../../../../../shared/connectors/postgresql/statement-rules.js";
import {
  displayedTable,
  postgresqlNameParts,
  writtenTable,
} from "../../../../../shared/connectors/postgresql/table-name.js";
import type { PostgresqlTarget } from "../../../../../shared/connectors/postgresql/target-column.js";
import { statementsOf } from "../../../../../shared/connectors/sql/text/statements.js";

const target = (name: string, over: Partial<PostgresqlTarget> = {}): PostgresqlTarget => ({
  ...{ name, type: "string", dataType: "text", declared: "text", scale: null, maxLength: null, isMoment: false },
  ...{ takesBytes: false, refusesEmpty: false, defaultForNull: false, refusesNull: false, isNullable: true },
  isAlwaysIdentity: false,
  ...over,
});
const plan = (mode: "insert" | "replace" | "update" | "ignore", over: object = {}) => ({
  ...{ sqlName: '"s"."t"', mode, updateColumns: ["id", 'na"me'] },
  columns: [target("id", { isNullable: false }), target('na"me'), target("price", { dataType: "money" })],
  keys: [{ name: "t_pkey", positions: [0] }],
  own: { conflict: null, others: ["rest"] },
  ...over,
});

test("names and texts mean the same in any session", () => {
  expect(postgresqlText.quoteName('a"b')).toBe('"a""b"');
  expect([quotePostgresqlText("it's"), quotePostgresqlText("a\\'b")]).toEqual(["'it''s'", "E'a\\\\''b'"]);
  expect(
    ["order", '"Or""der"', "值", "id + 1", "'x'", "null", "current_user", "a.b"].map(postgresqlText.nameIn),
  ).toEqual([...["order", 'Or"der', "值", null, null, null, null, null]]);
});

test("a table's name is read as it is shown", () => {
  for (const [schema, table] of [
    ["s", "t"],
    ["My Schema", "a.b"],
    ["数据.库", 'x"y'],
    ["public", "SELECT"],
  ] as const) {
    const parts = postgresqlNameParts(displayedTable(schema, table)).map(({ text }) => text);
    expect(parts).toEqual(schema === "public" ? [table] : [schema, table]);
  }
  expect(writtenTable('Shop."Order.1"')).toBe('"Shop"."Order.1"');
});

describe("rows", () => {
  test("are inserted, replaced, changed or left out by one key", () => {
    expect(postgresqlInsertParts(plan("insert"))).toEqual({
      head: 'INSERT INTO "s"."t" ("id", "na""me", "price") VALUES ',
      tail: "",
    });
    expect(postgresqlInsertParts(plan("ignore")).tail).toBe(" ON CONFLICT DO NOTHING");
    expect(postgresqlInsertParts(plan("update")).tail).toBe(
      ' ON CONFLICT ("id") DO UPDATE SET "na""me" = EXCLUDED."na""me"',
    );
    expect(postgresqlInsertParts(plan("replace")).tail).toBe(
      ' ON CONFLICT ("id") DO UPDATE SET "na""me" = EXCLUDED."na""me", "price" = EXCLUDED."price", "rest" = DEFAULT',
    );
    const only = plan("update", { updateColumns: ["id"], own: { conflict: ["id"], others: [] } });
    expect(postgresqlInsertParts(only).tail).toBe(' ON CONFLICT ("id") DO NOTHING');
    expect(() => postgresqlInsertParts(plan("update", { keys: [] }))).toThrow(/no primary or unique key/);
    const always = plan("insert", { columns: [target("id", { isAlwaysIdentity: true })] });
    expect(postgresqlInsertParts(always).head).toBe('INSERT INTO "s"."t" ("id") OVERRIDING SYSTEM VALUE VALUES ');
  });

  test("meet keys, and become money, on a stage; plain ones go into the table itself", () => {
    const plain = plan("insert", { columns: [target("id")] });
    expect(copySql(plain)).toBe('COPY "s"."t" ("id") FROM STDIN');
    expect(copySql(plan("insert"))).toBe('COPY pg_temp.sluice_stage ("id", "na""me", "price") FROM STDIN');
    expect(stageSql(plan("insert"))).toContain('"price"::numeric AS "price" FROM "s"."t" WITH NO DATA');
    expect(mergeSql(plan("insert"))).toBe(
      'INSERT INTO "s"."t" ("id", "na""me", "price") SELECT "id", "na""me", "price"::money FROM pg_temp.sluice_stage ORDER BY ctid',
    );
    expect(mergeSql(plan("update"))).toContain(
      '(SELECT DISTINCT ON ("id") * FROM pg_temp.sluice_stage ORDER BY "id", ctid DESC)',
    );
    const nullable = plan("update", { columns: [target("id"), target('na"me')] });
    expect(mergeSql(nullable)).toContain('DISTINCT ON ("id", CASE WHEN "id" IS NULL THEN ctid END)');
  });

  test("have literals that end no statement early", () => {
    expect(postgresqlCellLiteral(target("a"), "it's \\ x")).toBe("E'it''s \\\\ x'");
    expect(postgresqlCellLiteral(target("a"), "a\0b")).toBe("convert_from('\\x610062'::bytea, 'UTF8')");
    expect(postgresqlCellLiteral(target("a", { takesBytes: true }), Buffer.from([0, 255]))).toBe("'\\x00ff'::bytea");
    expect(postgresqlCellLiteral(target("a", { dataType: "money" }), "1.5")).toBe("'1.5'::numeric::money");
  });
});

test("plans run only SET for their own session", () => {
  const harmless = [
    ...[
      'SET search_path = a, "b c"',
      "set session statement_timeout to '5s';",
      "SET TIME ZONE 'Asia/Tokyo'",
      "SET my.flag = on",
    ],
    ...["SET TIME ZONE INTERVAL '+08:00' HOUR TO MINUTE", "SET work_mem TO 4096", "set datestyle = iso, ymd"],
  ];
  expect(harmless.map(notOnlyPostgresqlSet)).toEqual(harmless.map(() => null));
  const others = [
    ...["SELECT pg_sleep(9)", "SET a = 1; DELETE FROM t", "SET ROLE admin", "SET SESSION AUTHORIZATION x", "DO $$ $$"],
    ...[
      "SET LOCAL a = 1",
      "SET a = (SELECT 1)",
      "RESET ALL",
      "SET a = 'x\\'; DROP TABLE t",
      "SET CONSTRAINTS ALL DEFERRED",
    ],
  ];
  expect(others.map(notOnlyPostgresqlSet).every((why) => why !== null)).toBe(true);
});

test("statements end at semicolons outside of texts, dollar quotes, names, comments and bodies", () => {
  const entry = `INSERT INTO t VALUES ('a;''b', E'c\\';d', $$e;f$$, $x$g;$$;h$x$); -- i;j\nUPDATE "k;l" SET m = 1 /* n;o */;`;
  expect(statementsOf(postgresqlStatements, entry).map(({ sql }) => sql)).toEqual([
    `INSERT INTO t VALUES ('a;''b', E'c\\';d', $$e;f$$, $x$g;$$;h$x$)`,
    `-- i;j\nUPDATE "k;l" SET m = 1 /* n;o */`,
  ]);
  const routine = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END";
  expect(statementsOf(postgresqlStatements, routine)).toEqual([{ sql: routine, hasBody: true }]);
});

test("a statement whose result is no table to copy out has no columns", async () => {
  const client = {
    version: 150_000,
    describe: async () => ({ fields: [{ name: "a", type: 23, modifier: -1 }], parameters: 0 }),
    query: async () => ({ names: [], rows: [["integer"]] }),
  } as never;
  expect(await describeColumns(client, "SHOW all")).toEqual([]);
  expect(await describeColumns(client, "INSERT INTO t VALUES (1) RETURNING a")).toEqual([]);
  for (const sql of [
    "SELECT 1 AS a;",
    "(select 1)",
    "-- x\n/* y */ VALUES (1)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "TABLE t",
  ])
    expect(await describeColumns(client, sql)).toEqual([{ name: "a", type: "long", nativeType: "integer" }]);
});
