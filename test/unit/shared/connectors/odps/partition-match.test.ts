import { describe, expect, it } from "vitest";
import { partitionMatch } from "../../../../../shared/connectors/odps/partition-match.js";
import {
  leafSpec,
  parsePartitionSpec,
  sqlSpec,
  tunnelSpec,
} from "../../../../../shared/connectors/odps/partition-spec.js";

const keys = ["pt", "hh"];
const parts = (pt: string, hh: string) =>
  [
    ["pt", pt],
    ["hh", hh],
  ] as const;

describe("an entry of partition", () => {
  it.each([
    ["pt=20240101,hh=00", "20240101", "00", true],
    ["pt='20240101'/hh=\"00\"", "20240101", "00", true],
    ["pt=2024*,hh=*", "20240101", "00", true],
    ["pt=2024*,hh=*", "20230101", "00", false],
    ["pt=20240101,hh=?0", "20240101", "10", true],
    ["pt=20240101,hh=?0", "20240101", "0", false],
    ["pt=a.c,hh=00", "abc", "00", false],
    ["/*query*/ pt >= '20240101' and hh <> '00'", "20240102", "01", true],
    ["/*query*/ pt > 20240101 or not (hh = '00')", "20240101", "00", false],
    ["/*query*/ pt in ('1','2') and hh not in (3)", "2", "4", true],
    ["/*query*/ PT = 9", "10", "", false],
  ])("%s takes %s/%s: %s", (entry, pt, hh, isWanted) => {
    expect(partitionMatch(entry, keys, "partition[0]")(parts(pt, hh))).toBe(isWanted);
  });

  it.each([
    ["pt=1", /name each level in that order/],
    ["hh=1,pt=1", /name each level in that order/],
    ["pt", /is no partition/],
    ["/*query*/ day = '1'", /"day" is no level/],
    ["/*query*/ pt like '1%'", /compares nothing here/],
    ["/*query*/ pt = x", /put text into quotes/],
    ["/*query*/ (pt = 1", /not closed/],
    ["/*query*/ pt = 1 pt", /does not belong there/],
  ])("%s is refused with what is wrong", (entry, message) => {
    expect(() => partitionMatch(entry, keys, "partition[0]")).toThrow(message);
  });
});

it("puts the levels of a partition in the table's order, and misses none", () => {
  const spec = leafSpec(parsePartitionSpec("hh=00, pt='2024'"), keys, "p.t");
  expect([tunnelSpec(spec), sqlSpec(spec)]).toEqual(["pt=2024,hh=00", "`pt`='2024', `hh`='00'"]);
  expect(() => leafSpec(parsePartitionSpec("pt=1"), keys, "p.t")).toThrow(/give a value for hh/);
  expect(() => leafSpec(parsePartitionSpec("pt=1,hh=2,x=3"), keys, "p.t")).toThrow(/not by x/);
});
