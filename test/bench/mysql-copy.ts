import { job } from "../servers/sluice.js";
import { usage } from "./processes.js";
import {
  clientOptions,
  database,
  emptyTarget,
  fillTable,
  isInstalled,
  median,
  type Result,
  type Stage,
  seconds,
  shell,
} from "./stage.js";

/** A job that copies one table of the source database into the one of the same name. */
export function copyJob(table: string, setting: object = {}, writer: object = {}): object {
  return job(
    ["mysql", { datasource: "source", table, column: ["*"], splitPk: "id" }],
    ["mysql", { datasource: "target", table, column: ["*"], writeMode: "insert", ...writer }],
    { speed: { concurrent: 2 }, ...setting },
  );
}

/** Runs a job that must succeed. */
export async function runJob({ sluice }: Stage, script: object) {
  const { run } = await sluice.ended(await sluice.start({ script }), 1_800_000);
  if (run.state !== "succeeded") throw new Error(`benchmark run ${run.state}: ${run.error?.message}`);
  return run;
}

/** MySQL → MySQL against the dump-and-load pipes, all in one run, in turn. */
export async function benchMysqlCopy(stage: Stage): Promise<Result[]> {
  const rows = Math.round(2_000_000 * stage.scale);
  await fillTable(stage, "orders", rows);
  const ours: number[] = [];
  const perCpuSecond: number[] = [];
  const dump: number[] = [];
  const mydumper: number[] = [];
  for (let i = 0; i < stage.repeat; i++) {
    await emptyTarget(stage, "orders");
    const before = usage(stage.foreign).cpuSeconds;
    ours.push(await seconds(() => runJob(stage, copyJob("orders"))));
    perCpuSecond.push(rows / (usage(stage.foreign).cpuSeconds - before));
    await assertRows(stage, rows);
    await emptyTarget(stage, "orders");
    dump.push(await seconds(() => dumpAndLoad(stage)));
    await assertRows(stage, rows);
    if (!isInstalled("mydumper")) continue;
    await stage.sql.query(`DROP TABLE ${database.target}.orders`);
    mydumper.push(await seconds(() => dumpAndLoadInParallel(stage)));
    await assertRows(stage, rows);
  }
  const ratio = median(ours) / median(dump);
  const rate = median(perCpuSecond);
  const named = `MySQL → MySQL, ${rows.toLocaleString("en")} rows, concurrency 2`;
  const peer =
    mydumper.length === 0
      ? "mydumper is not installed"
      : `${(median(ours) / median(mydumper)).toFixed(2)} (${median(mydumper).toFixed(1)} s)`;
  return [
    {
      what: `${named}: wall time against \`mysqldump --single-transaction --quick \\| mysql\``,
      measured: `${ratio.toFixed(2)} (${median(ours).toFixed(1)} s against ${median(dump).toFixed(1)} s)`,
      bar: "≤ 0.75",
      isMet: ratio <= 0.75,
    },
    {
      what: `${named}: wall time against \`mydumper\` + \`myloader\`, 2 threads`,
      measured: peer,
      bar: "–",
      isMet: null,
    },
    {
      what: `${named}: records per CPU-second of our own processes`,
      measured: Math.round(rate).toLocaleString("en"),
      bar: "≥ 250,000",
      isMet: rate >= 250_000,
    },
  ];
}

/** A contender that copied less would win. */
async function assertRows({ sql }: Stage, rows: number): Promise<void> {
  const [found] = await sql.query(`SELECT COUNT(*) AS n FROM ${database.target}.orders`);
  const [row] = found as { n: number }[];
  if (row?.n !== rows) throw new Error(`${row?.n} rows arrived, ${rows} expected`);
}

function dumpAndLoad({ server }: Stage): Promise<void> {
  const options = clientOptions(server);
  return shell(
    `mysqldump ${options} --single-transaction --quick ${database.source} orders | mysql ${options} ${database.target}`,
  );
}

function dumpAndLoadInParallel({ server }: Stage): Promise<void> {
  const { host, port, user, password } = server;
  const account = `--host ${host} --port ${port} --user ${user} --password ${password} --threads 2`;
  return shell(
    `folder=$(mktemp -d) && mydumper ${account} --database ${database.source} --tables-list orders --rows 500000 --outputdir "$folder" && ` +
      `myloader ${account} --database ${database.target} --overwrite-tables --directory "$folder"; status=$?; rm -rf "$folder"; exit $status`,
  );
}
