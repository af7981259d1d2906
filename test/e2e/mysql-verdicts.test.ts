import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, count, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  await stage.source.query("CREATE TABLE full (id INT PRIMARY KEY, v INT)");
  await stage.source.query("INSERT INTO full SELECT seq, seq FROM seq_1_to_20000");
});
afterAll(() => stage.close());

const few = { errorLimit: { record: "0" } };

describe("a source without a key", () => {
  const ways: [mode: string, engine: string, id: string][] = [
    ["replace", "InnoDB", "INT PRIMARY KEY"],
    ["update", "InnoDB", "INT PRIMARY KEY"],
    ["insert ignore", "InnoDB", "INT PRIMARY KEY"],
    ["insert", "MyISAM", "INT"],
    ["replace", "MyISAM", "INT PRIMARY KEY"],
    ["insert", "Aria", "INT PRIMARY KEY"],
  ];

  it("is copied in every mode and engine: the run succeeds, counts what is there, and postSql runs", async () => {
    await remake(stage.target, "done", "(name VARCHAR(20))");
    const runs = ways.map(async ([writeMode, engine, id], at) => {
      const table = `kl_${at}`;
      await remake(stage.target, table, `(id ${id}, v INT) ENGINE = ${engine}`);
      const reader = { table: undefined, column: undefined, querySql: ["SELECT id, v FROM full WHERE id <= 3"] };
      const postSql = [`INSERT INTO done VALUES ('${table}')`];
      const { run } = await stage.sluice.run(copy(table, few, reader, { writeMode, postSql }));
      const { state, counters, error } = run;
      return [writeMode, engine, state, error, counters.written, await count(stage.target, table)];
    });
    expect(await Promise.all(runs)).toEqual(ways.map(([mode, engine]) => [mode, engine, "succeeded", null, 3, 3]));
    expect(await count(stage.target, "done")).toBe(ways.length);
  });
});

describe("errorLimit 0 against a target that is full", () => {
  it.each(["InnoDB", "MyISAM"])("%s: the run stops at the first chunk, and few duplicates are kept", async (engine) => {
    await remake(stage.target, "full", `(id INT PRIMARY KEY, v INT) ENGINE = ${engine}`);
    await stage.target.query("INSERT INTO full SELECT seq, 0 FROM seq_1_to_20000");
    const { run } = await stage.sluice.run(copy("full", few));
    expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
    const kept = await stage.sluice.dirty(run.id);
    // Two shards at most, each of which shows a hundred; where rows go one by one, each stops at its first.
    expect(kept.length).toBeLessThanOrEqual(engine === "MyISAM" ? 2 : 200);
    expect(run.counters).toMatchObject({ read: kept.length, written: 0, dirty: kept.length });
    expect(run.error?.message).toMatch(/^\d+ dirty records?; the job allows 0$/);
  });

  it("what a chunk held beside the duplicates is taken back, and counts as not read", async () => {
    await remake(stage.target, "full", "(id INT PRIMARY KEY, v INT)");
    await stage.target.query("INSERT INTO full VALUES (7, 0), (19999, 0)");
    const { run } = await stage.sluice.run(copy("full", few));
    expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
    expect(run.counters.written).toBe((await count(stage.target, "full")) - 2);
    expect(run.counters.read).toBe(run.counters.written + run.counters.dirty);
    expect(await stage.sluice.dirty(run.id)).toHaveLength(run.counters.dirty);
  });
});

describe("a small errorLimit", () => {
  it("holds over all splits: none commits beside a dirty record that the run has no room for", async () => {
    await remake(stage.target, "full", "(id INT PRIMARY KEY, v INT)");
    // One duplicate in each of many splits.
    await stage.target.query("INSERT INTO full SELECT seq * 500, 0 FROM seq_1_to_40");
    const { run, splits } = await stage.sluice.run(
      copy("full", { errorLimit: { record: "3" }, speed: { concurrent: 2 } }),
    );
    expect(splits.length).toBeGreaterThan(4);
    expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
    expect(run.counters.written).toBe((await count(stage.target, "full")) - 40);
    expect(run.counters.dirty).toBeGreaterThan(3);
    expect(await stage.sluice.dirty(run.id)).toHaveLength(run.counters.dirty);
  });
});
