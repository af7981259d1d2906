import { describe, expect, it } from "vitest";
import { zoneOf } from "../../../../../shared/model/zones.js";
import { arrivalParameters, labelOfArrival, readPattern } from "../../../../../shared/schedule/arrivals/key-pattern.js";
import { refuseOwnPrefix, refuseSiblings } from "../../../../../shared/schedule/arrivals/refusals.js";
import { growth, LINEAR } from "../../../growth.js";

describe("a pattern of keys", () => {
  it.each([
    ["landing/{table}/{yyyymmdd}.csv", "landing/orders/20261128.csv", { table: "orders", yyyymmdd: "20261128" }],
    ["landing/{table}/{yyyymmdd}.csv", "landing/orders/20261131.csv", null],
    ["landing/{table}/{yyyymmdd}.csv", "landing/a/b/20261128.csv", null],
    ["landing/{table}/{yyyymmdd}.csv", "landing//20261128.csv", null],
    ["landing/{table}/{yyyymmdd}.csv", "landing/orders/20261128.csv.tmp", null],
    ["in/*.csv", "in/.csv", {}],
    ["in/*.csv", "in/a/b.csv", null],
    ["in/**.csv", "in/a/b.csv", {}],
    ["in/**/{name_1}", "in/a/b/c", { name_1: "c" }],
    ["{a}-{b}.csv", "x-y-z.csv", { a: "x", b: "y-z" }],
    ["{shop}-{yyyymmdd}.csv", "a-1-20261128.csv", { shop: "a-1", yyyymmdd: "20261128" }],
    ["{yyyy}/{mm}/{dd}/{hh24}/*", "2026/02/28/23/x", { yyyy: "2026", mm: "02", dd: "28", hh24: "23" }],
    ["{yyyy}/{mm}/{dd}/*", "2026/02/29/x", null],
    ["{yyyy}/{mm}/{dd}/*", "2028/02/29/x", { yyyy: "2028", mm: "02", dd: "29" }],
    ["{hh24}", "24", null],
    ["a.c+(d)", "a.c+(d)", {}],
    ["a.c", "abc", null],
    ["", "", {}],
    ["订单/{table}*", "订单/表-1", { table: "表" }],
  ])("%s holds %s against it", (pattern, key, expected) => {
    expect(readPattern(pattern).match(key)).toEqual(expected);
  });

  it("is kept under the directory that all its keys share", () => {
    const placed = (pattern: string) => [readPattern(pattern).prefix, readPattern(pattern).directory];
    expect(placed("landing/{table}/x")).toEqual(["landing/", "landing/"]);
    expect(placed("landing/ord*")).toEqual(["landing/ord", "landing/"]);
    expect(placed("{table}.csv")).toEqual(["", ""]);
  });

  it.each([
    ["in/{", 'a "{" without its other half'],
    ["in/a}b", 'a "}" without its other half'],
    ["in/{a b}", "{a b} is no name"],
    ["in/{}", "{} is no name"],
    ["in/{key}", "{key} is a value of every arrival"],
    ["{t}/{t}", "{t} stands there twice"],
    ["{yyyymmdd}/{mm}", "another token a part of it"],
  ])("%s is refused", (pattern, reason) => {
    expect(() => readPattern(pattern)).toThrow(`pattern "${pattern}": `);
    expect(() => readPattern(pattern)).toThrow(reason);
  });

  it("takes time in proportion to the key, however many ways there are to fit", () => {
    const hold = (count: number) => {
      for (const pattern of ["{a}-{b}-{c}-{d}x", "**a**a**a**b", "*a*a*a*a*b"])
        readPattern(pattern).match("a-".repeat(Math.min(count, 500)).slice(0, 1_000));
      for (let i = 0; i < count / 500; i++) readPattern("{a}-{b}-{c}-{d}-{e}x").match("a-".repeat(500));
    };
    expect(growth(1_250, hold)).toBeLessThan(LINEAR);
  });
});

describe("an arrival", () => {
  const arrival = {
    bucket: "lake",
    key: "in/orders/a.csv",
    size: 12,
    etag: "E1",
    eventTime: "2026-11-28T17:30:45.000Z",
  };

  it("has a label by what its key captured, else by the minute of its event", () => {
    const zone = zoneOf("Asia/Shanghai") ?? (() => 0);
    const label = (captures: Record<string, string>) => labelOfArrival(captures, Date.parse(arrival.eventTime), zone);
    expect(label({})).toBe("2026-11-29T01:30");
    expect(label({ yyyymmdd: "20260102", hh24: "05" })).toBe("2026-01-02T05:00");
    expect(label({ yyyy: "2026", mm: "03" })).toBe("2026-03-01T00:00");
    expect(label({ hh24: "05" })).toBe("2026-11-29T01:30");
  });

  it("gives its run what it captured and what it is", () => {
    expect(arrivalParameters(arrival, { table: "orders" })).toEqual({
      ...{ table: "orders", bucket: "lake", key: "in/orders/a.csv", name: "a.csv", dir: "in/orders/" },
      ...{ size: "12", etag: "E1", eventTime: arrival.eventTime },
    });
    expect(arrivalParameters({ ...arrival, key: "top.csv" }, {})).toMatchObject({ name: "top.csv", dir: "" });
  });
});

describe("a job that waits for objects", () => {
  it("is refused where its own could start it", () => {
    const refuse =
      (waits: string, writes: string, bucket = "lake") =>
      () =>
        refuseOwnPrefix({ bucket: "lake", prefix: waits }, { bucket, prefix: writes });
    for (const [waits, writes] of [
      ["in/", "in/"],
      ["in/", "in/done/"],
      ["in/a/", "in/"],
      ["", "out/"],
    ] as const)
      expect(refuse(waits, writes)).toThrow(`writes below "${writes}"`);
    for (const ok of [refuse("in/", "out/"), refuse("in/a", "in/b"), refuse("in/", "in/", "pond")])
      expect(ok).not.toThrow();
  });

  it("is refused when files beside a done file would fit as well", () => {
    expect(() => refuseSiblings("in/{table}/_SUCCESS", "_SUCCESS")).not.toThrow();
    for (const pattern of ["in/{table}/*", "in/{table}/{name_1}", "in/**"])
      expect(() => refuseSiblings(pattern, "_SUCCESS")).toThrow(
        /end it with the file's name, such as "in\/(\{table\}\/)?_SUCCESS"$/,
      );
  });
});
