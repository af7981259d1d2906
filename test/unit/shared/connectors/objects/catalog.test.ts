import { describe, expect, it } from "vitest";
import { objectPage } from "../../../../../shared/connectors/objects/catalog.js";

/** A bucket with these keys, which it lists in order. */
function bucketOf(keys: readonly string[]) {
  return {
    async *list(prefix: string, _pageSize?: number, after = "") {
      for (const key of [...keys].sort())
        if (key.startsWith(prefix) && key > after) yield { key, size: key.length, etag: "" };
    },
  };
}

async function allPages(keys: readonly string[], limit: number, most: number) {
  const names: string[] = [];
  const notes: (string | undefined)[] = [];
  let page: string | null = null;
  do {
    const found = await objectPage(bucketOf(keys), { search: "in/", limit, page }, most);
    names.push(...found.items.map(({ name }) => name));
    notes.push(found.note);
    page = found.nextPage;
  } while (page !== null);
  return { names, notes };
}

describe("the catalog of a bucket", () => {
  const objects = ["in/a", "in/b/c", "in/b/d", "in/e"];
  const keys = ["early", ...objects, "in/", "in/b/", "in/x/", "in/y/", "in/z", "late"];

  it("shows every object once, whatever the pages, and no folder markers", async () => {
    for (const limit of [1, 2, 3, 100])
      expect((await allPages(keys, limit, 1000)).names, `by ${limit}`).toEqual([...objects, "in/z"]);
  });

  it("says when it stopped early, and goes on from there", async () => {
    const { names, notes } = await allPages(keys, 100, 2);
    expect(names).toEqual([...objects, "in/z"]);
    expect(notes.slice(0, -1).every((note) => note?.startsWith("2 keys were looked at"))).toBe(true);
    expect(notes.length).toBeGreaterThan(3);
    expect(notes.at(-1)).toBeUndefined();
  });

  it("ends without another page after the last object", async () => {
    expect(await objectPage(bucketOf(["in/a"]), { search: "in/", limit: 1, page: null })).toMatchObject({
      items: [{ name: "in/a", bytes: 4 }],
      nextPage: null,
    });
  });
});
