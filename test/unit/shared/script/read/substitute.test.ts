// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { describe, expect, it } from "vitest";
import { hasPlaceholder, substitution } from "../../../../../shared/script/read/substitute.js";
import { growth, LINEAR } from "../../../growth.js";

const plannedMs = Date.parse("2017-07-22T00:00Z");

function apply(text: string, parameters: Record<string, string> = {}, bareNames = false) {
  const values = substitution({ mode: "run", parameters, plannedMs, bareNames });
  const result = values.apply(text, "p");
  return {
    result,
    missing: values.missing.map((one) => one.text),
    dates: values.dateExpressions.map((one) => one.text),
  };
}

describe("substitution", () => {
  it.each([
    ["d=${bizdate}", "d=20170721"],
    ["${bdp.system.bizdate}/${bdp.system.cyctime}", "20170721/20170722000000"],
    ["$bizdate $cyctime $gmtdate $bizmonth", "20170721 20170722000000 20170722 201706"],
    ["$bizdate_x $$bizdate", "$bizdate_x $$bizdate"],
    ["$${city}", "${city}"],
    ["^\\d+$ ${} ${1} $1 $. $[0].name $['a'] $$body$$", "^\\d+$ ${} ${1} $1 $. $[0].name $['a'] $$body$$"],
    ["$name", "$name"],
  ])("turns %s into %s", (text, expected) => {
    expect(apply(text)).toEqual({ result: expected, missing: [], dates: [] });
  });

  it("takes one pass: a value that looks like a placeholder stays", () => {
    expect(apply("${a}${b}", { a: "${b}", b: "$a" }).result).toBe("${b}$a");
  });

  it("takes the longest bare name in DataX and does not damage neighbours", () => {
    expect(apply("$a $ab ${a}b $b", { a: "1", ab: "2" }, true).result).toBe("1 2 1b $b");
  });

  it("lets given values win over built-in ones, in both spellings", () => {
    const { result } = apply("${bizdate} $bizdate ${bdp.system.bizdate}", { bizdate: "20200101" });
    expect(result).toBe("20200101 20200101 20200101");
    expect(apply("${bdp.system.bizdate} ${bizdate}", { "bdp.system.bizdate": "x" }).result).toBe("x 20170721");
  });

  it("lists names without value once each, and is not misled by names of the language", () => {
    expect(apply("${city} ${city} ${constructor} ${__proto__}").missing).toEqual(["city", "constructor", "__proto__"]);
  });

  it("uses a value given for a name that looks like a date format", () => {
    expect(apply("${yyyymmdd}", { yyyymmdd: "v" })).toEqual({ result: "v", missing: [], dates: [] });
  });

  it("takes the time that the length of hostile text allows", () => {
    const repeat = (count: number) => {
      for (const text of ["${", "$[", "$[yyyymmdd", "$[hh24hh24", "$", "${yyyy-"]) apply(text.repeat(count));
      apply(`$[${"hh24".repeat(count)}!]`);
    };
    expect(growth(1_250, repeat)).toBeLessThan(LINEAR);
  });
});

describe("placeholders", () => {
  it("are recognised in each spelling", () => {
    for (const text of ["${a}", "$[yyyy]", "$bizdate", "$${a}"])
      expect(hasPlaceholder(text, { bareNames: false })).toBe(true);
    for (const text of ["$a", "5", "$[0]", "^a$"]) expect(hasPlaceholder(text, { bareNames: false })).toBe(false);
    expect(hasPlaceholder("$a", { bareNames: true })).toBe(true);
  });

  it("bounds what values put in have in all, counted each time", () => {
    const values = substitution({ mode: "run", parameters: { p: "x".repeat(1_000) }, plannedMs, bareNames: false });
    expect(values.apply("${p}".repeat(1_000), "steps[0].parameter.where")).toHaveLength(1_000_000);
    expect(() => values.apply("${p}".repeat(10_000), "steps[0].parameter.where")).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        path: "steps[0].parameter.where",
        message: expect.stringContaining("more than 1048576 characters"),
      }),
    );
  });
});
