import { describe, expect, it } from "vitest";
import { commonPrefix, type Listed, listObjectPage, positionAfter } from "../../../../../infra/local/oss/listing.js";

function bucketOf(names: readonly string[]) {
  const rows: Listed<null>[] = names.map((name) => ({ name, sort: Buffer.from(name), value: null }));
  rows.sort((left, right) => Buffer.compare(left.sort, right.sort));
  let read = 0;
  return {
    read: () => read,
    async *scan(from: Buffer) {
      for (const row of rows) {
        if (Buffer.compare(row.sort, from) < 0) continue;
        read += 1;
        yield row;
      }
    },
  };
}

interface Asked {
  prefix?: string;
  delimiter?: string;
  marker?: string;
  limit?: number;
}

async function list(names: readonly string[], { prefix = "", delimiter = "", marker = "", limit = 1000 }: Asked) {
  const from = positionAfter(marker, { prefix, delimiter });
  const page = await listObjectPage(bucketOf(names).scan, { prefix, delimiter, limit, from });
  return {
    entries: page.entries.map(({ name }) => name),
    prefixes: page.prefixes,
    last: page.last?.name ?? null,
    isTruncated: page.isTruncated,
  };
}

describe("a listing", () => {
  const names = ["a", "b/1", "b/2", "b/c/3", "b0", "d/1", "z"];

  it("sorts by the bytes of UTF-8, not by UTF-16 units", async () => {
    expect((await list(["😀", "ﬀ", "é", "Z", "a"], {})).entries).toEqual(["Z", "a", "é", "ﬀ", "😀"]);
  });

  it("groups by a delimiter behind the prefix", async () => {
    expect(await list(names, { delimiter: "/" })).toMatchObject({ entries: ["a", "b0", "z"], prefixes: ["b/", "d/"] });
    expect(await list(names, { delimiter: "/", prefix: "b/" })).toMatchObject({
      entries: ["b/1", "b/2"],
      prefixes: ["b/c/"],
    });
    expect(await list(names, { delimiter: "/", prefix: "b" })).toMatchObject({ entries: ["b0"], prefixes: ["b/"] });
    expect(await list(["x--1", "x--2", "x-3"], { delimiter: "--" })).toMatchObject({
      entries: ["x-3"],
      prefixes: ["x--"],
    });
  });

  it("counts entries and common prefixes together and says whether more follow", async () => {
    expect(await list(names, { delimiter: "/", limit: 2 })).toEqual({
      entries: ["a"],
      prefixes: ["b/"],
      last: "b/",
      isTruncated: true,
    });
    expect(await list(names, { delimiter: "/", limit: 5 })).toMatchObject({ last: "z", isTruncated: false });
    expect(await list(names, { limit: 7 })).toMatchObject({ isTruncated: false });
    expect(await list(names, { limit: 6 })).toMatchObject({ isTruncated: true, last: "d/1" });
  });

  it.each([1, 2, 3, 4])("gives everything once in pages of %i", async (limit) => {
    const found: string[] = [];
    let marker = "";
    for (;;) {
      const page = await list(names, { delimiter: "/", marker, limit });
      found.push(...page.entries, ...page.prefixes);
      if (!page.isTruncated || page.last === null) break;
      marker = page.last;
    }
    expect(found.sort()).toEqual(["a", "b/", "b0", "d/", "z"]);
  });

  it("skips what a marker names, a whole common prefix included", async () => {
    expect((await list(names, { marker: "b/2" })).entries).toEqual(["b/c/3", "b0", "d/1", "z"]);
    expect(await list(names, { marker: "b/", delimiter: "/" })).toMatchObject({
      entries: ["b0", "z"],
      prefixes: ["d/"],
    });
    expect((await list(names, { marker: "b/" })).entries).toEqual(["b/1", "b/2", "b/c/3", "b0", "d/1", "z"]);
    expect((await list(names, { marker: "zz" })).entries).toEqual([]);
    expect((await list(names, { marker: "a", prefix: "d" })).entries).toEqual(["d/1"]);
  });

  it("reads one row of a common prefix, not all", async () => {
    const bucket = bucketOf(Array.from({ length: 1000 }, (_, index) => `many/${index}`));
    await listObjectPage(bucket.scan, { prefix: "", delimiter: "/", limit: 10, from: Buffer.alloc(0) });
    expect(bucket.read()).toBe(1);
  });

  it("is empty for an empty bucket", async () => {
    expect(await list([], { delimiter: "/" })).toEqual({ entries: [], prefixes: [], last: null, isTruncated: false });
  });
});

it("finds no common prefix without a delimiter or outside the prefix", () => {
  expect(commonPrefix("a/b", { prefix: "", delimiter: "" })).toBeNull();
  expect(commonPrefix("a/b", { prefix: "b", delimiter: "/" })).toBeNull();
  expect(commonPrefix("a/b/c", { prefix: "a/", delimiter: "/" })).toBe("a/b/");
});
