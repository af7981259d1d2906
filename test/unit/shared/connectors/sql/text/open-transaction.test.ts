import { expect, test } from "vitest";
import { mysqlStatements } from "../../../../../../shared/connectors/mysql/statement-rules.js";
import { leavesOpen } from "../../../../../../shared/connectors/sql/text/open-transaction.js";
import { statementsOf } from "../../../../../../shared/connectors/sql/text/statements.js";

test.each([
  ["DELETE FROM t", null],
  ["BEGIN; DELETE FROM t", "BEGIN"],
  ["begin work; DELETE FROM t", "begin work"],
  ["START /* now */ TRANSACTION READ WRITE; DELETE FROM t", "START /* now */ TRANSACTION READ WRITE"],
  ["START TRANSACTION; DELETE FROM t; COMMIT", null],
  ["START TRANSACTION; DELETE FROM t; ROLLBACK", null],
  ["START TRANSACTION; SAVEPOINT a; DELETE FROM t; ROLLBACK TO SAVEPOINT a", "START TRANSACTION"],
  ["START TRANSACTION; DELETE FROM t; COMMIT AND CHAIN", "COMMIT AND CHAIN"],
  ["START TRANSACTION; DELETE FROM t; COMMIT AND NO CHAIN", null],
  ["SET autocommit = 0; DELETE FROM t", "SET autocommit = 0"],
  ["SET @@session.autocommit=OFF; DELETE FROM t; COMMIT; DELETE FROM u", "SET @@session.autocommit=OFF"],
  ["SET sql_log_bin = 0, SESSION autocommit = 'off'; DELETE FROM t", "SET sql_log_bin = 0, SESSION autocommit = 'off'"],
  ["SET autocommit = 0; DELETE FROM t; COMMIT", null],
  ["SET autocommit = 0; DELETE FROM t; SET autocommit = 1", null],
  ["SET GLOBAL autocommit = 0; DELETE FROM t", null],
  ["SET @autocommit = 0; DELETE FROM t", null],
  ["INSERT INTO t VALUES ('start transaction')", null],
  ["-- start transaction\nDELETE FROM t", null],
  ["BEGIN NOT ATOMIC DELETE FROM t; END", null],
])("%j leaves open: %j", (entry, expected) => {
  expect(leavesOpen(mysqlStatements.lexis, statementsOf(mysqlStatements, entry))?.sql ?? null).toBe(expected);
});
