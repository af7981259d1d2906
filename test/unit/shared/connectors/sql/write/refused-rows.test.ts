import { describe, expect, test } from "vitest";
import {
  type Attempt,
  loadOrRefuse,
  type RowLoader,
} from "../../../../../../shared/connectors/sql/write/refused-rows.js";

/** A server that refuses negative numbers; `names` says whether it tells which. */
function server(names: "all" | "first" | "none") {
  const table: number[] = [];
  let sent = 0;
  const loader: RowLoader<number, string> = {
    async loadAll(rows): Promise<Attempt<string>> {
      sent += rows.length;
      const bad = rows.flatMap((row, at) => (row < 0 ? [at] : []));
      if (bad.length === 0) {
        table.push(...rows);
        return { kind: "taken" };
      }
      return { kind: "refused", suspects: names === "all" ? bad : names === "first" ? bad.slice(0, 1) : [] };
    },
    async loadOne(row) {
      sent += 1;
      if (row < 0) return `refused ${row}`;
      table.push(row);
      return null;
    },
  };
  return { table, loader, sent: () => sent };
}

describe.each(["all", "first", "none"] as const)("a server that names %s of the bad rows", (names) => {
  test.each([[[]], [[0]], [[999]], [[0, 1, 2, 500, 998, 999]], [[250, 500, 750]]])(
    "takes all rows but those at %j, in order",
    async (bad) => {
      const rows = Array.from({ length: 1_000 }, (_, i) => (bad.includes(i) ? -i - 1 : i));
      const { table, loader, sent } = server(names);
      const refused = await loadOrRefuse(loader, rows);
      expect(refused).toEqual(bad.map((index) => ({ index, why: `refused ${-index - 1}` })));
      expect(table).toEqual(rows.filter((row) => row >= 0));
      if (names === "all") expect(sent()).toBeLessThan(2_100);
      if (names === "none") expect(sent()).toBeLessThan(1_000 * 2 + bad.length * 2_100);
    },
  );
});

test("all rows bad: each is tried, none is taken", async () => {
  const { table, loader } = server("none");
  expect(await loadOrRefuse(loader, [-1, -2, -3, -4, -5, -6])).toHaveLength(6);
  expect(table).toEqual([]);
});

test("what a first attempt found out is not asked again", async () => {
  const { loader, sent } = server("all");
  expect(await loadOrRefuse(loader, [1, 2, 3, 4, 5, -6], { kind: "refused", suspects: [5] })).toHaveLength(1);
  expect(sent()).toBe(6);
  const taken = { kind: "taken", refused: [{ index: 1, why: "skipped" }] } as const;
  expect(await loadOrRefuse(loader, [1, 2], taken)).toEqual([{ index: 1, why: "skipped" }]);
});

test("a named row that was not among those sent does no harm", async () => {
  const { table, loader } = server("none");
  const astray: RowLoader<number, string> = {
    ...loader,
    loadAll: async (rows) => {
      const attempt = await loader.loadAll(rows);
      return attempt.kind === "refused" ? { kind: "refused", suspects: [99_999] } : attempt;
    },
  };
  expect(await loadOrRefuse(astray, [1, 2, 3, 4, 5, 6, 7, -8])).toEqual([{ index: 7, why: "refused -8" }]);
  expect(table).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
