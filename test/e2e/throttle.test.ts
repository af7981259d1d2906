import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, type MysqlStage, openMysqlStage } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  await stage.source.query("CREATE TABLE wide (id INT PRIMARY KEY, text VARCHAR(1100))");
  await stage.source.query("INSERT INTO wide SELECT seq, REPEAT('x', 1018) FROM seq_1_to_32000");
});
afterAll(() => stage.close());

/** Copies all rows, and tells how long its splits took. */
async function timed(setting: object): Promise<{ seconds: number; megabytes: number }> {
  await stage.target.query("DROP TABLE IF EXISTS wide");
  await stage.target.query("CREATE TABLE wide (id INT PRIMARY KEY, text VARCHAR(1100))");
  const { run, splits } = await stage.sluice.run(copy("wide", setting));
  expect(run).toMatchObject({ state: "succeeded", counters: { written: 32_000 } });
  const from = Math.min(...splits.map(({ startedAt }) => Date.parse(startedAt ?? "")));
  const to = Math.max(...splits.map(({ endedAt }) => Date.parse(endedAt ?? "")));
  return { seconds: (to - from) / 1000, megabytes: run.counters.bytes / 2 ** 20 };
}

describe("a job-wide throttle of 2 MB/s", () => {
  for (const concurrent of [1, 4]) {
    it(`holds within ten percent over a run with concurrency ${concurrent}`, async () => {
      const alone = await timed({ speed: { concurrent } });
      const { seconds, megabytes } = await timed({ speed: { throttle: true, mbps: "2", concurrent } });
      expect(seconds).toBeGreaterThan(megabytes / 2.2);
      // Without a throttle this takes less than a second, unless the machine is busy with other things.
      expect(seconds).toBeLessThan(megabytes / 1.8 + 2 * Math.max(0, alone.seconds - 1));
    });
  }
});
