import { expect, test } from "vitest";
import { mysqlRefusalOf, rowIn, rowOf } from "../../../../../shared/connectors/mysql/refusal.js";
import { mysqlFailure } from "../../../../../shared/connectors/mysql/server-error.js";

function driverError(errno: number, code: string, message: string): Error {
  return Object.assign(new Error(message), errno > 0 ? { errno, code, sqlMessage: message } : { errno, code });
}

test.each([
  [1045, "ER_ACCESS_DENIED_ERROR", "ACCESS_DENIED", "fix"],
  [1142, "ER_TABLEACCESS_DENIED_ERROR", "ACCESS_DENIED", "fix"],
  [1049, "ER_BAD_DB_ERROR", "SOURCE_OBJECT_MISSING", "fix"],
  [1146, "ER_NO_SUCH_TABLE", "SOURCE_OBJECT_MISSING", "fix"],
  [1064, "ER_PARSE_ERROR", "SOURCE_REFUSED", "fix"],
  [1213, "ER_LOCK_DEADLOCK", "SOURCE_BUSY", "retry"],
  [1205, "ER_LOCK_WAIT_TIMEOUT", "SOURCE_BUSY", "retry"],
  [1040, "ER_CON_COUNT_ERROR", "SOURCE_BUSY", "retry"],
  [-111, "ECONNREFUSED", "SOURCE_UNREACHABLE", "retry"],
  [-3008, "ENOTFOUND", "SOURCE_UNREACHABLE", "fix"],
  [0, "PROTOCOL_CONNECTION_LOST", "SOURCE_UNREACHABLE", "retry"],
  [0, "SOMETHING_ELSE", "INTERNAL", "report"],
])("error %i %s becomes %s to %s", (errno, code, expected, recovery) => {
  const cause = driverError(errno, code, "what the server said");
  const error = mysqlFailure(cause, "reading shop.orders");
  expect(error).toMatchObject({ code: expected, recovery, cause });
  expect(error.message).toMatch(/^reading shop.orders: what the server said \(/);
});

test("our own errors stay as they are", () => {
  const error = mysqlFailure(driverError(1064, "ER_PARSE_ERROR", "x"), "a");
  expect(mysqlFailure(error, "b")).toBe(error);
});

test.each([
  [1062, "Duplicate entry '1' for key 'PRIMARY'", { reason: "DUPLICATE_KEY" }],
  [1406, "Data too long for column 'name' at row 3", { reason: "TOO_LONG", column: "name" }],
  [1366, "Incorrect integer value: 'x' for column `db`.`t`.`qty` at row 1", { reason: "CONVERSION", column: "qty" }],
  [1048, "Column 'name' cannot be null", { reason: "NOT_NULL", column: "name" }],
  [4025, "CONSTRAINT `c` failed for `db`.`t`", { reason: "CONSTRAINT" }],
])("server error %i is about a row: %s", (errno, message, expected) => {
  expect(mysqlRefusalOf(driverError(errno, "ER_X", message))).toEqual({ ...expected, message });
});

test("errors about the statement or the connection are not about a row", () => {
  expect(mysqlRefusalOf(driverError(1064, "ER_PARSE_ERROR", "x"))).toBeNull();
  expect(mysqlRefusalOf(driverError(1213, "ER_LOCK_DEADLOCK", "x"))).toBeNull();
  expect(mysqlRefusalOf(new Error("x"))).toBeNull();
});

const withState = (errno: number, sqlState: string, message = "no more stock at row 7") =>
  Object.assign(driverError(errno, "ER_X", message), { sqlState });

test.each([
  [1644, "45000"],
  [30_001, "45000"],
  [1213, "45000"],
  [1146, "45001"],
  [1643, "02001"],
  [30_002, "22012"],
  [30_003, "23000"],
  [30_004, "77777"],
  [30_005, "U0001"],
])("error %i under SQLSTATE %s is a trigger's word about a row, and names none by its number", (errno, state) => {
  const why = mysqlRefusalOf(withState(errno, state));
  expect(why).toEqual({ reason: "REFUSED", message: "no more stock at row 7" });
  expect(why && rowOf(why)).toBeNull();
});

test.each([
  [1213, "40001"],
  [1205, "HY000"],
  [1317, "70100"],
  [1146, "42S02"],
  [1052, "23000"],
  [1399, "XAE07"],
  [31_000, "HY000"],
])("error %i under SQLSTATE %s is not", (errno, state) => {
  expect(mysqlRefusalOf(withState(errno, state))).toBeNull();
});

test("a signal that bears the number of a deadlock is no reason to try again", () => {
  expect(mysqlFailure(withState(1213, "45000"), "running preSql")).toMatchObject({
    code: "SOURCE_REFUSED",
    recovery: "fix",
  });
});

test("the row that a message names is counted from zero", () => {
  expect(rowIn("Data too long for column 'a' at row 1")).toBe(0);
  expect(rowIn("Duplicate entry 'at row 3' for key 'x'")).toBeNull();
});
