import { describe, expect, it } from "vitest";
import { formatOf } from "../../../../../shared/connectors/file/format/formats.js";
import type { FileStore, ObjectInfo } from "../../../../../shared/connectors/objects/bucket.js";
import { fixedPrefix, matcherOf } from "../../../../../shared/connectors/objects/object-pattern.js";
import { objectReadSchema } from "../../../../../shared/connectors/objects/read-params.js";
import { type ObjectsSpec, splitObjects } from "../../../../../shared/connectors/objects/split.js";
import { growth, LINEAR } from "../../../growth.js";

describe("a wildcard", () => {
  it("stands for any run, or for at most one character; all else is literal", () => {
    expect(matcherOf("a.b*(c)?")("a.bXX/(c)1")).toBe(true);
    expect(matcherOf("a.b*(c)?")("a.b(c)")).toBe(true);
    expect(matcherOf("a.b*(c)?")("aXb(c)")).toBe(false);
    expect(matcherOf("a")("ab")).toBe(false);
    expect(fixedPrefix("in/2024?/*.csv")).toBe("in/2024");
    expect(fixedPrefix("in/a.csv")).toBe("in/a.csv");
  });

  it.each([
    ["*", "", true],
    ["???", "ab", true],
    ["???", "abcd", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a?*?b", "ab", true],
    ["in/?.csv", "in/好.csv", true],
    ["in/?.csv", "in/😀.csv", true],
    ["*.csv", "a\nb.csv", true],
    ["**/x", "a/b/x", true],
    ["a.c", "abc", false],
    ["constructor", "constructor", true],
  ])("lets %s take %j: %s", (pattern, name, expected) => {
    expect(matcherOf(pattern)(name)).toBe(expected);
  });

  it("takes time in proportion to the name, however many there are", () => {
    const matches = matcherOf("*a*a?a*b");
    expect(growth(60, (size) => matches("a".repeat(size)))).toBeLessThan(LINEAR);
    const many = matcherOf(`${"*a".repeat(500)}*b`);
    expect(many("a".repeat(1_000))).toBe(false);
    expect(matcherOf("?".repeat(1_000))("a".repeat(1_001))).toBe(false);
  });
});

describe("splits", () => {
  // Files that stay whole are not looked at, so nothing of the bucket but its name is used.
  const bucket = { name: "lake", scheme: "oss" } as FileStore;
  const object = (key: string, megabytes: number): ObjectInfo => ({ key, size: megabytes * 1024 * 1024, etag: '"E"' });
  const plan = (objects: ObjectInfo[], advice: number, given = {}) =>
    splitObjects(bucket, objects, {
      reading: formatOf("csv").reading(objectReadSchema.parse({ object: "f*", compress: "gzip", ...given }), null),
      enabled: true,
      signal: new AbortController().signal,
      advice,
      found: null,
    });

  it("hold similar numbers of bytes, every object once", async () => {
    const objects = Array.from({ length: 50 }, (_, i) => object(`f${i}`, 1 + (i % 7)));
    const { splits } = await plan(objects, 6);
    expect(splits).toHaveLength(6);
    const sizes = splits.map(({ bytes }) => bytes!);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.1);
    const keys = splits.flatMap(({ spec }) => (spec as unknown as ObjectsSpec).pieces.map(({ key }) => key));
    expect(keys.sort()).toEqual(objects.map(({ key }) => key).sort());
  });

  it("are one for each object when there are few, the largest first, and none for empty ones", async () => {
    const { splits } = await plan([object("small", 1), object("empty", 0), object("large", 9)], 20);
    expect(splits.map(({ describe: text }) => text)).toEqual([
      "oss://lake/large bytes 0 to 9437184",
      "oss://lake/small bytes 0 to 1048576",
    ]);
  });
});
