import { expect, test } from "vitest";
import { mysqlLexis, mysqlStatements } from "../../../../../../shared/connectors/mysql/statement-rules.js";
import {
  hasTableInText,
  type Lexis,
  sqlPieces,
  standardLexis,
  withTable,
} from "../../../../../../shared/connectors/sql/text/sql-pieces.js";
import { mayMakeThings, statementsOf } from "../../../../../../shared/connectors/sql/text/statements.js";

const texts = (entry: string) => statementsOf(mysqlStatements, entry).map(({ sql }) => sql);

test.each<[entry: string, statements: string[]]>([
  ["insert into a values (1)", ["insert into a values (1)"]],
  ["delete from a;", ["delete from a"]],
  ["delete from a；", ["delete from a"]],
  ["a;b;;\n c ;", ["a", "b", "c"]],
  ["insert into a values (';');b", ["insert into a values (';')", "b"]],
  ["select 'it''s; \\'; so';b", ["select 'it''s; \\'; so'", "b"]],
  ['select ";" ; b', ['select ";"', "b"]],
  ["select `a;b`;b", ["select `a;b`", "b"]],
  ["a /* ; */; b -- ; and so on\n;c # ;\n", ["a /* ; */", "b -- ; and so on", "c #"]],
  ["select 1--1;b", ["select 1--1", "b"]],
  ["/* nothing */ -- at all", []],
  ["/*!40000 alter table a disable keys */; b", ["/*!40000 alter table a disable keys */", "b"]],
  [
    "delimiter //\ncreate procedure p() begin a; b; end//\nDELIMITER ;\ncall p();c",
    ["create procedure p() begin a; b; end", "call p()", "c"],
  ],
  ["select 'never closed; b", ["select 'never closed; b"]],
  ["", []],
])("%j is the statements %j", (entry, statements) => {
  expect(texts(entry)).toEqual(statements);
});

test.each([
  "create trigger t before insert on a for each row begin set new.x = 1; set new.y = 2; end",
  "CREATE OR REPLACE DEFINER = `root`@`%` PROCEDURE p() BEGIN a; b; END; call p()",
  "-- why\ncreate aggregate function f(x int) returns int begin a; end",
  "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t before insert on a for each row begin x; y; end */",
  "begin not atomic a; b; end",
  "if 1 then a; b; end if",
])("the body of a routine is left to the server: %s", (entry) => {
  expect(statementsOf(mysqlStatements, entry)).toEqual([{ sql: entry, hasBody: true }]);
});

test.each([
  ["truncate table @table", "truncate table T"],
  ["insert into log values ('@table'); delete from @table", "insert into log values ('@table'); delete from T"],
  ['select "@table", `@table`, `@tables`', 'select "@table", T, `@tables`'],
  ["-- @table\ndelete from @table # @table", "-- @table\ndelete from T # @table"],
  ["set @table_rows = @@table_open_cache, @tables = 1", "set @table_rows = @@table_open_cache, @tables = 1"],
  ["insert into a select * from @table;", "insert into a select * from T;"],
  ["(@table)/*!40000 @table */", "(T)/*!40000 T */"],
  ["delete from @table where note = 'it\\'s @table'", "delete from T where note = 'it\\'s @table'"],
])("in %j the table's name takes the token's place and no other", (sql, wanted) => {
  expect(withTable(mysqlLexis, sql, "T")).toBe(wanted);
});

test("a name with signs of replacement patterns stands as it is", () => {
  expect(withTable(mysqlLexis, "delete from @table", "`a$&b`")).toBe("delete from `a$&b`");
});

test("a token within quotes is noticed", () => {
  expect(hasTableInText(mysqlLexis, "insert into log values ('@table')")).toBe(true);
  expect(hasTableInText(mysqlLexis, "delete from @table -- '@table'")).toBe(false);
});

test("by the standard a backslash is a letter, double quotes are names, and backticks are code", () => {
  const rules = { lexis: standardLexis };
  const found = statementsOf(rules, "select 'a\\'; select \"b;c\"; begin not atomic x; delimiter //\n");
  expect(found.map(({ sql }) => sql)).toEqual(["select 'a\\'", 'select "b;c"', "begin not atomic x", "delimiter //"]);
  expect(found.some(({ hasBody }) => hasBody)).toBe(false);
  expect(withTable(standardLexis, "delete from \"@table\" where a = '@table'", "T")).toBe(
    "delete from T where a = '@table'",
  );
});

test.each<[string, Lexis]>([
  ["MySQL", mysqlLexis],
  ["the standard", standardLexis],
])("pieces by %s together are the text again, whatever it is", (_, lexis) => {
  const signs = ["'", '"', "`", "\\", "-- ", "#", "/*", "*/", "\n", "a", ";", "/*!", "''"];
  for (let n = 0; n < 3000; n++) {
    const sql = Array.from({ length: n % 13 }, (_, i) => signs[(n * 7 + i * (n % 11) + i * i) % signs.length]).join("");
    expect(
      sqlPieces(lexis, sql)
        .map((piece) => piece.sql)
        .join(""),
    ).toBe(sql);
  }
});

test("a long text is taken apart in one go", () => {
  const sql = `insert into a values ('${"x\\'".repeat(200_000)}'); b`;
  expect(texts(sql)).toHaveLength(2);
});

test.each([
  ["insert into a values (1)", false],
  ["/* why */ truncate a", false],
  ["set @x = 1", false],
  ["create table a (b int)", true],
  ["/*!40000 alter table a disable keys */", true],
  ["drop table a", true],
  ["rename table a to b", true],
  ["call p()", true],
  ["use other", true],
])("%j may make things: %s", (sql, may) => {
  expect(mayMakeThings(mysqlStatements, { sql, hasBody: false })).toBe(may);
});
