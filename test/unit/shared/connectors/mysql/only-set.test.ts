import { describe, expect, it } from "vitest";
import { notOnlyMysqlSet } from "../../../../../shared/connectors/mysql/only-set.js";

describe("what planning runs of a job's session", () => {
  it.each([
    "SET sql_mode = 'ANSI_QUOTES'",
    "set session time_zone='+08:00', net_write_timeout = 600;",
    "SET NAMES utf8mb4",
    "SET @@session.sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')",
    "/* why */ SET @day := '2024-01-01' -- trailing; remark",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET @x = (1 + 2) * 3, @y = 'select sleep(9)'",
    "SET @`global` = 'role'",
  ])("are settings of its own session: %s", (entry) => {
    expect(notOnlyMysqlSet(entry)).toBeNull();
  });

  it.each([
    ["DELETE FROM orders", /^would run$/],
    ["/* SET */ drop table t", /^would run$/],
    ["/*!50000 DELETE */ FROM t", /^would run$/],
    ["CALL tidy()", /^would run$/],
    ["DO SLEEP(600)", /^would run$/],
    ["SET @a = 1; DELETE FROM orders", /^would run$/],
    ["DELIMITER //\nSET @a = 1 //\nDELETE FROM t //", /^would run$/],
    ["SET @a = 1; SET @b = 2", /more than one/],
    ["SET GLOBAL read_only = 0", /everybody/],
    ["SET @a = 1, global max_connections = 1", /everybody/],
    ["SET @@global.read_only = 0", /everybody/],
    ["SET PERSIST max_connections = 1", /everybody/],
    ["SET @@persist_only.x = 1", /everybody/],
    ["SET PASSWORD = 'x'", /account/],
    ["SET @a = 1, PASSWORD = 'x'", /account/],
    ["SET DEFAULT ROLE admin FOR u", /account/],
    ["SET ROLE admin", /account/],
    ["SET STATEMENT max_statement_time = 1 FOR DELETE FROM t", /behind FOR/],
    ["SET RESOURCE GROUP g", /processors/],
    ["SET @a = (SELECT MAX(id) FROM t)", /read or change/],
    ["SET @a = (TABLE t LIMIT 1)", /read or change/],
    ["SET @a = NEXT VALUE FOR s", /read or change/],
    ["SET @a = SLEEP(600)", /call sleep\(\)/],
    ["SET @a = get_lock/* */('x', 600)", /call get_lock\(\)/],
    ["SET @a = shop.tidy()", /call a function/],
    ["SET @a = `tidy` (1)", /call x\(\)/],
    ['SET @a = "tidy"(1)', /call a function/],
    ["SET @a = 'x\\', tidy(), '", /backslash/],
    ["SET @a = LOAD_FILE('/etc/passwd')", /call load_file/],
    ["SET /*! GLOBAL */ x = 1", /everybody/],
  ])("are nothing else: %s", (entry, why) => {
    expect(notOnlyMysqlSet(entry)).toMatch(why);
  });
});
