import { describe, expect, it } from "vitest";
import { narrowing } from "../../../../shared/jobs/mapping/narrowing.js";

describe("a declared type", () => {
  it.each([
    ["varchar(40)", "varchar(40)"],
    ["varchar(40)", "text"],
    ["char(4)", "character varying(10)"],
    ["int(11)", "bigint(20)"],
    ["int(10) unsigned", "bigint"],
    ["smallint", "integer"],
    ["decimal(10,2)", "numeric(12,2)"],
    ["bigint", "numeric(20,0)"],
    ["int", "decimal"],
    ["decimal(10,0)", "bigint"],
    ["datetime", "datetime(6)"],
    ["datetime(3)", "timestamp without time zone"],
    ["timestamp(0) without time zone", "datetime"],
    ["double", "double precision"],
    ["geometry", "varchar(3)"],
    ["json", "int"],
    ["", ""],
  ])("%s fits into %s, or it is not known that it does not", (from, to) => {
    expect(narrowing(from, to)).toBeNull();
  });

  it.each([
    ["varchar(41)", "varchar(40)", /up to 41 characters go into 40/],
    ["text", "varchar(40)", /of any length go into 40/],
    ["VARCHAR2(10)", "CHAR(5)", /up to 10 characters go into 5/],
    ["bigint(20)", "int(11)", /64 bits go into 32 bits/],
    ["bigint unsigned", "bigint", /64 bits without a sign go into 64 bits/],
    ["int", "int unsigned", /32 bits go into 32 bits without a sign/],
    ["decimal(12,2)", "numeric(10,2)", /10 digits before the point, numeric\(10,2\) 8/],
    ["decimal(10,4)", "numeric(10,4)", null],
    ["decimal(10,4)", "numeric(12,2)", /4 digits behind the point, numeric\(12,2\) 2/],
    ["numeric", "numeric(12,2)", /any number of digits/],
    ["bigint", "decimal(10,0)", /20 digits before the point/],
    ["decimal(10,1)", "bigint", /no digits behind the point/],
    ["datetime(6)", "datetime(3)", /6 digits go into 3/],
    ["timestamp(3) with time zone", "timestamp(0) without time zone", /3 digits go into 0/],
    ["timestamp without time zone", "datetime", /6 digits go into 0/],
    ["datetime", "date", /times of day/],
    ["double precision", "real", /about 7 digits/],
  ])("%s into %s is told", (from, to, reason) => {
    if (reason === null) expect(narrowing(from, to)).toBeNull();
    else expect(narrowing(from, to)).toMatch(reason);
  });
});
