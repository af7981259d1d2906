import { describe, expect, test } from "vitest";
import { copiedRow, postgresqlRefusalOf } from "../../../../../shared/connectors/postgresql/refusal.js";
import { postgresqlErrors, postgresqlFailure } from "../../../../../shared/connectors/postgresql/server-error.js";

const said = (code: string, more: object = {}) =>
  Object.assign(new Error("the server's words"), { severity: "ERROR", code, ...more });

describe("an error of the server", () => {
  test.each([
    ['COPY t, line 2, column id: "bad"', 1, "id"],
    ["COPY t, line 12", 11, undefined],
    ["COPY orders_2024, line 30001, column 'na me': \"x, line 5\"", 30_000, "'na me'"],
    ['COPY t1, 行 7, 列 id: "bad"', 6, "id"],
    ['SQL function "f" statement 1\nCOPY t, line 3, column a: null input', 2, "a"],
    ["PL/pgSQL function f() line 3 at RAISE", null, undefined],
    ["", null, undefined],
  ])("%s names the row and the column", (where, row, column) => {
    const error = said("22P02", { where });
    expect(copiedRow(error)).toBe(row);
    expect(postgresqlRefusalOf(error)?.column).toBe(column);
  });

  test("about a row is a refusal, whatever state a trigger has chosen; any other is none", () => {
    const reason = (code: string, more = {}) => postgresqlRefusalOf(said(code, more))?.reason;
    expect(["22P02", "22021", "22P05", "22008", "22003", "22001", "22026"].map((code) => reason(code))).toEqual([
      ...["CONVERSION", "CONVERSION", "CONVERSION", "CONVERSION", "OUT_OF_RANGE", "TOO_LONG", "TOO_LONG"],
    ]);
    expect(["23502", "23505", "23503", "23514", "23P01", "44000", "54000"].map((code) => reason(code))).toEqual([
      ...["NOT_NULL", "DUPLICATE_KEY", "CONSTRAINT", "CONSTRAINT", "CONSTRAINT", "CONSTRAINT", "TOO_LARGE"],
    ]);
    expect(["42P01", "42501", "40P01", "57014", "53100", "XX000"].map((code) => reason(code))).toEqual(
      Array(6).fill(undefined),
    );
    expect(["42501", "P0001", "X0001"].map((code) => reason(code, { routine: "exec_stmt_raise" }))).toEqual(
      Array(3).fill("REFUSED"),
    );
    expect(postgresqlRefusalOf(Object.assign(new Error("reset"), { code: "ECONNRESET" }))).toBeNull();
  });

  test("tells the key that is there already, and not the whole row", () => {
    expect(postgresqlRefusalOf(said("23505", { detail: "Key (id)=(1) already exists." }))?.message).toMatch(
      /Key \(id\)=\(1\)/,
    );
    expect(postgresqlRefusalOf(said("23502", { detail: "Failing row contains (1, secret)." }))?.message).not.toContain(
      "secret",
    );
  });

  test("is one that the user can mend, or one that passes", () => {
    const code = (error: unknown) => {
      const { code: ours, recovery } = postgresqlFailure(error, "reading t");
      return `${ours} ${recovery}`;
    };
    expect(["28P01", "42501", "3D000", "42P01", "42703", "42601"].map((state) => code(said(state)))).toEqual([
      ...["ACCESS_DENIED fix", "ACCESS_DENIED fix", "SOURCE_OBJECT_MISSING fix", "SOURCE_OBJECT_MISSING fix"],
      ...["SOURCE_OBJECT_MISSING fix", "SOURCE_REFUSED fix"],
    ]);
    expect(["40P01", "55P03", "53300", "57014", "57P01", "08006"].map((state) => code(said(state)))).toEqual([
      ...Array(4).fill("SOURCE_BUSY retry"),
      ...Array(2).fill("SOURCE_UNREACHABLE retry"),
    ]);
    expect(code(new Error("Connection terminated unexpectedly"))).toBe("SOURCE_UNREACHABLE retry");
    expect(code(Object.assign(new Error("x"), { code: "ECONNRESET" }))).toBe("SOURCE_UNREACHABLE retry");
    expect(code(new TypeError("x is not a function"))).toBe("INTERNAL report");
  });

  test("quotes no records to who may not read them", () => {
    const cut = (error: unknown) => postgresqlErrors.said(error)?.withoutData("where");
    expect(cut(said("22P02"))).toMatch(/^where: the server refuses it \(22P02\)/);
    expect(cut(said("42703"))).toBeUndefined();
    expect(cut(said("42703", { routine: "exec_stmt_raise" }))).toMatch(/may quote records/);
    expect(postgresqlErrors.said(new Error("x"))).toBeNull();
  });
});
