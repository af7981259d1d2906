import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

const body = "(id INT PRIMARY KEY, text VARCHAR(1100))";
const concurrencies = [1, 4];
const ROWS = 18_000;
let stage: MysqlStage;
/** How long the same takes without a throttle: less than a second, unless the machine is busy with other things. */
const alone = new Map<number, number>();

beforeAll(async () => {
  stage = await openMysqlStage();
  for (const concurrent of concurrencies) {
    await remake(stage.source, tableOf(concurrent), body);
    await stage.source.query(`INSERT INTO ${tableOf(concurrent)} SELECT seq, REPEAT('x', 1018) FROM seq_1_to_${ROWS}`);
    alone.set(concurrent, (await timed(concurrent)).seconds);
  }
});
afterAll(() => stage.close());

const tableOf = (concurrent: number) => `wide_${concurrent}`;

/** Copies all rows, and tells how long its splits took. */
async function timed(concurrent: number, speed: object = {}): Promise<{ seconds: number; megabytes: number }> {
  const table = tableOf(concurrent);
  await remake(stage.target, table, body);
  const { run, splits } = await stage.sluice.run(copy(table, { speed: { concurrent, ...speed } }));
  expect(run).toMatchObject({ state: "succeeded", counters: { written: ROWS } });
  const from = Math.min(...splits.map(({ startedAt }) => Date.parse(startedAt ?? "")));
  const to = Math.max(...splits.map(({ endedAt }) => Date.parse(endedAt ?? "")));
  return { seconds: (to - from) / 1000, megabytes: run.counters.bytes / 2 ** 20 };
}

// At the same time, since both wait for most of it.
describe.concurrent("a job-wide throttle of 2 MB/s", () => {
  it.each(concurrencies)("is kept to and used over a run with concurrency %i", async (concurrent) => {
    const { seconds, megabytes } = await timed(concurrent, { throttle: true, mbps: "2" });
    expect(seconds).toBeGreaterThan(megabytes / 2.2);
    // How much of it is used on an idle machine, the benchmark tells; here others may be at work.
    expect(seconds).toBeLessThan(2 * (megabytes / 2) + 10 * (alone.get(concurrent) ?? 0));
  });
});
