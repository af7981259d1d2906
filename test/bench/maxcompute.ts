import { openOdps } from "../e2e/odps-place.js";
import { job } from "../servers/sluice.js";
import { runJob } from "./mysql-copy.js";
import { childCpuSeconds, usage } from "./processes.js";
import { fillTable, median, type Result, type Stage } from "./stage.js";

/** Columns as the table of the other benchmarks has them. */
const columns = [
  ...["id bigint", "customer int", "product string", "amount decimal(14,2)", "quantity int", "status string"],
  ...["ordered datetime", "changed datetime", "note string", "flag tinyint"],
].join(", ");

/** MySQL into the local cloud's MaxCompute: records per CPU second of the functions, which are the shards for the most part, and their memory. */
export async function benchMaxcompute(stage: Stage): Promise<Result[]> {
  const rows = Math.round(2_000_000 * stage.scale);
  await fillTable(stage, "orders", rows);
  const odps = await openOdps(stage.sluice);
  await odps.sql(`create table orders (${columns})`);
  const rates: number[] = [];
  for (let i = 0; i < stage.repeat; i++) {
    const before = childCpuSeconds(stage.foreign);
    const script = job(
      ["mysql", { datasource: "source", table: "orders", column: ["*"], splitPk: "id" }],
      ["odps", { datasource: "mc", table: "orders", column: ["*"], truncate: true }],
      { speed: { concurrent: 2 } },
    );
    await runJob(stage, script);
    rates.push(rows / (childCpuSeconds(stage.foreign) - before));
    // Of what the commit has put there; counting them by SQL would take longer than the run.
    if (!(await odps.sql("desc orders")).includes(`| Records: ${rows} |`))
      throw new Error("the benchmark lost records");
  }
  const rate = median(rates);
  const peak = usage(stage.foreign).childPeakMb;
  const named = `MySQL → MaxCompute (local endpoint), ${rows.toLocaleString("en")} rows, concurrency 2`;
  return [
    {
      what: `${named}: records per CPU second of the functions`,
      ...{ measured: Math.round(rate).toLocaleString("en"), bar: "≥ 150,000", isMet: rate >= 150_000 },
    },
    {
      what: `${named}: largest RSS of a function`,
      ...{ measured: `${Math.round(peak)} MiB`, bar: "≤ 256 MiB", isMet: peak <= 256 },
    },
  ];
}
