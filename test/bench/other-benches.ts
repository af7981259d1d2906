import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { job } from "../servers/sluice.js";
import { copyJob, runJob } from "./mysql-copy.js";
import { childrenOf, usage } from "./processes.js";
import {
  clientOptions,
  database,
  emptyTarget,
  fillTable,
  median,
  type Result,
  type Stage,
  seconds,
  shell,
  tableBody,
} from "./stage.js";

/** A CSV file in OSS into MySQL, against the client's LOAD DATA LOCAL of the same file. */
export async function benchCsvLoad(stage: Stage): Promise<Result[]> {
  const rows = Math.round(2_500_000 * stage.scale);
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-bench-"));
  try {
    const file = path.join(folder, "orders.csv");
    const bytes = await writeCsv(file, rows);
    const bucket = await stage.sluice.bucket("bench");
    await bucket.put("orders.csv", file, { timeout: 600_000 });
    const { accessKeyId, accessKeySecret } = stage.sluice.cloud.credentials;
    await stage.sluice.register("bench_bucket", "oss", {
      endpoint: stage.sluice.cloud.endpoints.oss,
      bucket: "bench",
      accessId: accessKeyId,
      accessKey: accessKeySecret,
    });
    const ours: number[] = [];
    const client: number[] = [];
    for (let i = 0; i < stage.repeat; i++) {
      await emptyTarget(stage, "orders");
      ours.push(await seconds(() => runJob(stage, csvJob())));
      await emptyTarget(stage, "orders");
      const load = `LOAD DATA LOCAL INFILE '${file}' INTO TABLE orders CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\\"'`;
      client.push(
        await seconds(() =>
          shell(`mysql ${clientOptions(stage.server)} --local-infile=1 ${database.target} -e "${load}"`),
        ),
      );
    }
    const ratio = median(ours) / median(client);
    return [
      {
        what: `OSS CSV (${Math.round(bytes / 1e6)} MB) → MySQL, concurrency 2: wall time against \`LOAD DATA LOCAL\` of the same file by the client`,
        measured: `${ratio.toFixed(2)} (${median(ours).toFixed(1)} s against ${median(client).toFixed(1)} s)`,
        bar: "≤ 1.5",
        isMet: ratio <= 1.5,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function csvJob(): object {
  const types = ["long", "long", "string", "double", "long", "string", "date", "date", "string", "long"];
  const column = types.map((type, index) => ({
    type,
    index,
    ...(type === "date" ? { format: "yyyy-MM-dd HH:mm:ss" } : {}),
  }));
  return job(
    ["oss", { datasource: "bench_bucket", object: "orders.csv", fileFormat: "csv", column, fieldDelimiter: "," }],
    ["mysql", { datasource: "target", table: "orders", column: ["*"], writeMode: "insert" }],
    { speed: { concurrent: 2 } },
  );
}

async function writeCsv(file: string, rows: number): Promise<number> {
  let bytes = 0;
  await writeFile(file, "");
  for (let at = 0; at < rows; at += 50_000) {
    const lines: string[] = [];
    for (let id = at + 1; id <= Math.min(rows, at + 50_000); id++) {
      const note = id % 9 === 0 ? `"order ${id}, said ""now"""` : `note on order ${id} ${"x".repeat(20 + (id % 25))}`;
      lines.push(
        `${id},${(id * 7919) % 100003},product-${id % 5000},${((id % 1e6) / 7).toFixed(2)},${id % 17},paid,2024-05-06 07:08:09,2024-06-01 10:11:12,${note},${id % 2}`,
      );
    }
    const text = `${lines.join("\n")}\n`;
    bytes += text.length;
    await writeFile(file, text, { flag: "a" });
  }
  return bytes;
}

/** Peak memory of a shard for a table and for one ten times as long. */
export async function benchMemory(stage: Stage): Promise<Result[]> {
  const sizes = [2_000_000, 20_000_000].map((rows) => Math.round(rows * stage.scale));
  const peaks: number[] = [];
  for (const rows of sizes) {
    await fillTable(stage, "orders", rows);
    await emptyTarget(stage, "orders");
    // Fresh instances: the kernel remembers a process's peak for life.
    stage.sluice.cloud.killInstances("sluice-dev-shard");
    const before = new Set([...stage.foreign, ...childrenOf(process.pid)]);
    await runJob(stage, copyJob("orders"));
    peaks.push(usage(before).childPeakMb);
  }
  const [small = 0, large = 0] = peaks;
  const spread = Math.abs(large - small) / small;
  return [
    {
      what: `peak RSS of a shard at ${sizes[0]?.toLocaleString("en")} and ${sizes[1]?.toLocaleString("en")} rows`,
      measured: `${small.toFixed(0)} MB and ${large.toFixed(0)} MB`,
      bar: "≤ 256 MB, equal within 15 %",
      isMet: Math.max(small, large) <= 256 && spread <= 0.15,
    },
  ];
}

/** A job of one record, from request to `succeeded`, everything warm. */
export async function benchLatency(stage: Stage): Promise<Result[]> {
  const script = job(
    ["stream", { sliceRecordCount: 1, column: [{ type: "long", value: "1" }] }],
    ["stream", { print: false }],
  );
  const times: number[] = [];
  for (let i = 0; i < 5 + 20; i++) {
    const took = await seconds(async () => {
      const id = await stage.sluice.start({ script });
      for (;;) {
        const { body } = await stage.sluice.call("GET", `/v1/runs/${id}`);
        if (body.run.state === "succeeded") return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    if (i >= 5) times.push(took * 1000);
  }
  const middle = median(times);
  return [
    {
      what: "a one-row job in a warm local cloud, request to `succeeded`",
      measured: `${middle.toFixed(0)} ms`,
      bar: "≤ 500 ms",
      isMet: middle <= 500,
    },
  ];
}

/** What one dirty record in every 1,000 costs: a text too long for its column. */
export async function benchDirty(stage: Stage): Promise<Result[]> {
  const rows = Math.round(1_000_000 * stage.scale);
  await fillTable(stage, "clean", rows);
  await fillTable(stage, "dirty", rows);
  await stage.sql.query(
    `ALTER TABLE ${database.source}.dirty MODIFY product VARCHAR(40) NOT NULL;
     UPDATE ${database.source}.dirty SET product = 'this product has a name too long' WHERE id % 1000 = 7`,
  );
  const narrow = tableBody.replace("product VARCHAR(24)", "product VARCHAR(20)");
  const times: Record<"clean" | "dirty", number[]> = { clean: [], dirty: [] };
  for (let i = 0; i < stage.repeat; i++) {
    for (const table of ["clean", "dirty"] as const) {
      await emptyTarget(stage, table, narrow);
      times[table].push(
        await seconds(async () => {
          const run = await runJob(stage, copyJob(table, { errorLimit: { record: rows } }));
          const wanted = table === "clean" ? 0 : Math.floor((rows + 993) / 1000);
          if (run.counters.dirty !== wanted) throw new Error(`${run.counters.dirty} dirty records, ${wanted} expected`);
        }),
      );
    }
  }
  const ratio = median(times.dirty) / median(times.clean);
  return [
    {
      what: `MySQL → MySQL, ${rows.toLocaleString("en")} rows, one dirty record in every 1,000: slowdown`,
      measured: ratio.toFixed(2),
      bar: "≤ 1.4",
      isMet: ratio <= 1.4,
    },
  ];
}
