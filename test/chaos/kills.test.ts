import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import { copy, count, digest, type MysqlStage, openMysqlStage } from "../e2e/mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  await stage.source.query(
    "CREATE TABLE orders (id BIGINT PRIMARY KEY, name VARCHAR(60) NOT NULL, amount DECIMAL(12,2))",
  );
  await stage.source.query(
    "INSERT INTO orders SELECT seq, CONCAT('order ', seq, REPEAT('x', 30)), seq / 7 FROM seq_1_to_400000",
  );
  await stage.source.query(`CREATE VIEW few AS SELECT * FROM orders WHERE ${few}`);
});
afterAll(() => stage.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A target without a key: only the ledger keeps a record from being written twice. */
async function emptyTarget(): Promise<void> {
  await stage.target.query("DROP TABLE IF EXISTS orders, ends");
  await stage.target.query(
    "CREATE TABLE orders (id BIGINT, name VARCHAR(60) NOT NULL, amount DECIMAL(12,2)) ENGINE=InnoDB",
  );
  await stage.target.query("CREATE TABLE ends (at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6))");
}

const killed = new Set<string | null>();

/** Waits until a shard that was not killed yet holds a split. */
async function working(id: string): Promise<void> {
  for (;;) {
    const { run, splits } = (await stage.sluice.call("GET", `/v1/runs/${id}`)).body as {
      run: Run;
      splits: SplitView[];
    };
    const owners = splits.filter(({ state }) => state === "claimed").map(({ owner }) => owner);
    const isFresh = owners.some((owner) => !killed.has(owner));
    for (const owner of owners) killed.add(owner);
    if (isFresh) return;
    if (run.endedAt !== null) throw new Error(`the run ${run.state} too early: ${run.error?.message}`);
    await pause(50);
  }
}

/** What is enough where nothing has to last. */
const few = "id <= 50000";
const postSql = ["INSERT INTO ends VALUES ()"];

describe("a MySQL run in insert mode", () => {
  it("loses and repeats nothing when its shards are killed twenty times", async () => {
    await emptyTarget();
    const { cloud } = stage.sluice;
    const speed = { concurrent: 2, throttle: true, mbps: "1" };
    const id = await stage.sluice.start({ script: copy("orders", { speed }, { splitPk: "id" }, { postSql }) });
    for (let kills = 0; kills < 20; ) {
      await working(id);
      await pause(Math.random() * 1500);
      // Who claimed something between the last look and the last kill is seen as fresh, and is dead.
      if (cloud.killInstances("sluice-dev-shard") > 0) kills++;
    }
    const { run, splits } = await stage.sluice.ended(id);
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 400_000, written: 400_000, dirty: 0 } });
    expect(splits.reduce((sum, { attempt }) => sum + attempt - 1, 0)).toBeGreaterThanOrEqual(20);
    expect(await digest(stage.target, "orders")).toBe(await digest(stage.source, "orders"));
    expect(await count(stage.target, "ends")).toBe(1);
    expect(await count(stage.target, "sluice_ledger")).toBe(0);
  });

  it("ends once when every event is delivered three times", async () => {
    await emptyTarget();
    stage.sluice.cloud.deliverAgain(3);
    try {
      const { run } = await stage.sluice.run(copy("orders", {}, { where: few }, { postSql }));
      expect(run).toMatchObject({ state: "succeeded", counters: { written: 50_000 } });
      await pause(1000);
      expect(await count(stage.target, "orders")).toBe(50_000);
      expect(await count(stage.target, "ends")).toBe(1);
    } finally {
      stage.sluice.cloud.deliverAgain(1);
    }
  });

  it("is finished by the sweep when planner and reducer are killed", async () => {
    await emptyTarget();
    const { cloud } = stage.sluice;
    const id = await stage.sluice.start({ script: copy("orders", {}, { where: few }, { postSql }) });
    for (let i = 0; i < 30; i++) {
      await pause(Math.random() * 100);
      cloud.killInstances("sluice-dev-planner");
      cloud.killInstances("sluice-dev-reducer");
    }
    for (;;) {
      const { run } = (await stage.sluice.call("GET", `/v1/runs/${id}`)).body;
      if (run.endedAt !== null) break;
      await cloud.tick("tick", new Date());
      await pause(1000);
    }
    const { run } = await stage.sluice.ended(id);
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 50_000 } });
    expect(await digest(stage.target, "orders")).toBe(await digest(stage.source, "few"));
    expect(await count(stage.target, "ends")).toBe(1);
  });
});
