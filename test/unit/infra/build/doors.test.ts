import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { cruise, type IForbiddenRuleType } from "dependency-cruiser";
import { afterAll, describe, expect, it } from "vitest";

const { rooms, rules } = createRequire(import.meta.url)("../../../../infra/build/rooms.cjs") as {
  rooms: Readonly<Record<string, readonly string[]>>;
  rules(root: string): IForbiddenRuleType[];
};

const root = mkdtempSync(path.join(tmpdir(), "sluice-doors-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A house of one file a room, in which each file imports those it is given. */
const house: Readonly<Record<string, readonly string[]>> = {
  "shared/model/run.ts": [],
  "shared/connectors/contract.ts": ["shared/model/run.ts"],
  "shared/connectors/registry.ts": ["shared/connectors/mysql/index.ts", "shared/connectors/oss/index.ts"],
  "shared/connectors/sql/select.ts": ["shared/connectors/params/flag.ts"],
  "shared/connectors/objects/bucket.ts": ["shared/connectors/file/csv.ts"],
  "shared/connectors/file/csv.ts": [],
  "shared/connectors/params/flag.ts": [],
  "shared/connectors/mysql/index.ts": ["shared/connectors/sql/select.ts", "shared/connectors/params/flag.ts"],
  "shared/connectors/oss/index.ts": ["shared/connectors/objects/bucket.ts", "shared/connectors/params/flag.ts"],
  "shared/secrets/seal.ts": [],
  "shared/services.ts": ["shared/secrets/seal.ts"],
  "shared/sources/find-source.ts": ["shared/services.ts", "shared/secrets/seal.ts"],
  "shared/jobs/lay-out.ts": ["shared/sources/find-source.ts", "shared/services.ts"],
  "shared/looks/ask-group.ts": ["shared/jobs/lay-out.ts"],
  "shared/runs/end/reduce.ts": ["shared/jobs/lay-out.ts"],
  "shared/schedule/triggers.ts": ["shared/runs/end/reduce.ts"],
};

/** Names of the rules that the house breaks with one more import. */
async function broken(from?: string, to?: string): Promise<string[]> {
  for (const [file, imports] of Object.entries(house)) {
    const place = path.join(root, file);
    mkdirSync(path.dirname(place), { recursive: true });
    const all = [...imports, ...(file === from && to ? [to] : [])];
    const lines = all.map((one) => `import "${path.relative(path.dirname(file), one).replace(/^(?!\.)/, "./")}";`);
    writeFileSync(place, `${lines.join("\n")}\nexport {};\n`);
  }
  const { output } = await cruise(["shared"], { baseDir: root, validate: true, ruleSet: { forbidden: rules(root) } });
  if (typeof output === "string") throw new Error(output);
  return [...new Set(output.summary.violations.map(({ rule }) => rule.name))].sort();
}

describe("the doors between rooms", () => {
  it("are all open that the house needs", async () => {
    expect(await broken()).toEqual([]);
  });

  it.each([
    ["a data source that knows runs", "shared/sources/find-source.ts", "shared/runs/end/reduce.ts", "doors-of-sources"],
    [
      "a data source that lays a job out",
      "shared/sources/find-source.ts",
      "shared/jobs/lay-out.ts",
      "doors-of-sources",
    ],
    ["a job that knows runs", "shared/jobs/lay-out.ts", "shared/runs/end/reduce.ts", "doors-of-jobs"],
    ["a run that knows schedules", "shared/runs/end/reduce.ts", "shared/schedule/triggers.ts", "doors-of-runs"],
    ["a run that looks", "shared/runs/end/reduce.ts", "shared/looks/ask-group.ts", "doors-of-runs"],
    [
      "a secret that knows its data source",
      "shared/secrets/seal.ts",
      "shared/sources/find-source.ts",
      "doors-of-secrets",
    ],
    [
      "services that know a room",
      "shared/services.ts",
      "shared/jobs/lay-out.ts",
      "services-put-stores-on-the-platform",
    ],
    [
      "a SQL system that opens objects",
      "shared/connectors/mysql/index.ts",
      "shared/connectors/objects/bucket.ts",
      "sql-or-objects",
    ],
    [
      "a SQL system that opens files",
      "shared/connectors/mysql/index.ts",
      "shared/connectors/file/csv.ts",
      "sql-or-objects",
    ],
    [
      "an object store that opens SQL",
      "shared/connectors/oss/index.ts",
      "shared/connectors/sql/select.ts",
      "sql-or-objects",
    ],
    [
      "a connector that opens another",
      "shared/connectors/oss/index.ts",
      "shared/connectors/mysql/index.ts",
      "connectors-are-apart",
    ],
    [
      "a floor that opens a connector",
      "shared/connectors/sql/select.ts",
      "shared/connectors/mysql/index.ts",
      "floors-know-no-system",
    ],
  ])("are shut to %s", async (_, from, to, rule) => {
    expect(await broken(from, to)).toContain(rule);
  });

  it("open one way: what a room opens opens nothing that leads back", () => {
    const reach = (room: string): string[] => {
      const next = (rooms[room] ?? []).filter((one) => !one.startsWith("^"));
      return [...next, ...next.flatMap(reach)];
    };
    expect(Object.keys(rooms).filter((room) => reach(room).includes(room))).toEqual([]);
    const order = ["schedule", "runs", "jobs", "sources", "secrets"];
    for (const [i, room] of order.entries()) expect(reach(room)).toEqual(expect.arrayContaining(order.slice(i + 1)));
  });
});
