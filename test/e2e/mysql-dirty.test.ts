import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, count, type MysqlStage, openMysqlStage } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  await stage.source.query(
    "CREATE TABLE mixed (id INT PRIMARY KEY, name VARCHAR(40) NULL, at VARCHAR(30), amount VARCHAR(20))",
  );
  await stage.source.query("INSERT INTO mixed SELECT seq, CONCAT('name ', seq), '2024-05-06', seq FROM seq_1_to_20000");
  await stage.source.query("UPDATE mixed SET name = REPEAT('x', 30) WHERE id IN (17, 5000, 19999)");
  await stage.source.query("UPDATE mixed SET name = NULL WHERE id IN (100, 101)");
  await stage.source.query("UPDATE mixed SET at = '2024-02-31' WHERE id = 200");
  await stage.source.query("UPDATE mixed SET amount = 'ten' WHERE id = 300");
  await stage.source.query("UPDATE mixed SET amount = '99999999999' WHERE id = 400");
});
afterAll(() => stage.close());

const bad = ["17", "100", "101", "200", "300", "400", "5000", "19999"];

/** A target that refuses eight of the rows; two more rows are there already. */
async function target(): Promise<void> {
  await stage.target.query("DROP TABLE IF EXISTS mixed");
  await stage.target.query("CREATE TABLE mixed (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, at DATE, amount INT)");
  await stage.target.query(
    "INSERT INTO mixed VALUES (600, 'there before', NULL, NULL), (700, 'there before', NULL, NULL)",
  );
}

describe("dirty records", () => {
  it("are all kept with reason and key, while their neighbours arrive", async () => {
    await target();
    const { run } = await stage.sluice.run(copy("mixed", { errorLimit: { record: "10" } }));
    expect(run).toMatchObject({
      state: "succeeded",
      counters: { read: 20_000, written: 19_990, dirty: 10 },
      dirtyKept: 10,
    });
    const kept = await stage.sluice.dirty(run.id);
    expect(kept.map(({ key }) => key).sort()).toEqual([...bad, "600", "700"].sort());
    const reasons = Object.fromEntries(kept.map(({ key, reason }) => [key, reason]));
    expect(reasons).toMatchObject({
      17: "TOO_LONG",
      100: "NOT_NULL",
      300: "CONVERSION",
      400: "OUT_OF_RANGE",
      600: "DUPLICATE_KEY",
    });
    expect(kept.every(({ message, side }) => message.length > 0 && side === "writer")).toBe(true);
    expect(await count(stage.target, "mixed")).toBe(19_992);
    expect(
      await stage.target.query("SELECT COUNT(*) FROM mixed WHERE id IN (16, 18, 99, 102, 199, 201, 19998, 20000)"),
    ).toEqual([["8"]]);
    expect(await stage.target.query("SELECT name FROM mixed WHERE id = 600")).toEqual([["there before"]]);
  });

  it("can be downloaded as JSON lines", async () => {
    await target();
    const { run } = await stage.sluice.run(copy("mixed", { errorLimit: {} }));
    const { text, headers } = await stage.sluice.call("GET", `/v1/runs/${run.id}/dirty/download`);
    expect(headers.get("content-type")).toBe("application/x-ndjson");
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).run),
    ).toEqual(Array.from({ length: 10 }, () => run.id));
  });

  for (const [limit, state] of [
    [{ record: "0" }, "failed"],
    [{ record: "9" }, "failed"],
    [{ record: "10" }, "succeeded"],
    [{}, "succeeded"],
    [{ percentage: 0.0004 }, "failed"],
    [{ percentage: 0.01 }, "succeeded"],
  ] as const) {
    it(`end a run as ${state} under errorLimit ${JSON.stringify(limit)}, and the count is that of the rejected rows`, async () => {
      await target();
      const { run } = await stage.sluice.run(copy("mixed", { errorLimit: limit }));
      expect(run.state).toBe(state);
      if (state === "failed") expect(run.error).toMatchObject({ code: "ERROR_LIMIT_EXCEEDED" });
      const kept = await stage.sluice.dirty(run.id);
      expect(run.counters.dirty).toBe(kept.length);
      expect(new Set(kept.map(({ key }) => key)).size).toBe(kept.length);
      expect(run.counters.read).toBe(run.counters.written + run.counters.dirty);
      expect(await count(stage.target, "mixed")).toBe(run.counters.written + 2);
    });
  }
});
