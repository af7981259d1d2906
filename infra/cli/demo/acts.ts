import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeptDirtyRecord } from "../../../shared/model/dirty-record.js";
import type { Run } from "../../../shared/model/run.js";
import { landingBucket, packageFolder } from "../local.js";
import type { Terminal } from "../terminal.js";
import { type WatchedRun, watchRun } from "../watch-run.js";
import { brokenOrders, ordersCsv } from "./orders.js";
import { type DemoStage, shop } from "./stage.js";

/** Orders in the first file, broken ones included. */
export const ORDERS = 200_000;
/** Orders in the file that lands later. */
export const LATE_ORDERS = 1_000;

/** Generates the orders and uploads them; gives the size of the file in bytes. */
export async function uploadOrders(stage: DemoStage): Promise<number> {
  const csv = ordersCsv(1, ORDERS, brokenOrders);
  await stage.upload(shop, "orders/2026.csv", csv);
  await stage.table.create();
  return Buffer.byteLength(csv);
}

/** Registers the demo's data sources over HTTP and tests each; gives the name and the verdict of the test. */
export async function registerDataSources(stage: DemoStage): Promise<readonly { name: string; ok: boolean }[]> {
  const sources = [
    { name: "shop_oss", type: "oss", properties: stage.bucketProperties(shop) },
    { name: "shop_ots", type: "ots", properties: stage.tableProperties() },
    { name: "landing_oss", type: "oss", properties: stage.bucketProperties(landingBucket) },
    { name: "odps_first", type: "odps", properties: stage.projectProperties() },
  ];
  const verdicts: { name: string; ok: boolean }[] = [];
  for (const source of sources) {
    await stage.client.createDataSource({ body: source });
    const { ok } = await stage.client.testDataSource({ name: source.name });
    verdicts.push({ name: source.name, ok });
  }
  return verdicts;
}

/** Runs the job of OSS → Tablestore to its end, with progress. */
export async function moveOrders(
  stage: DemoStage,
  terminal: Terminal,
): Promise<WatchedRun & { dirty: readonly KeptDirtyRecord[] }> {
  const script = await exampleJob("orders-to-tablestore.json");
  const { id } = await stage.client.startRun({ body: { script, idempotencyKey: randomUUID() } });
  const view = await watchRun(stage.client, id, { terminal, quiet: false });
  const { items: dirty } = await stage.client.dirty({ id, query: { limit: 50 } });
  return { ...view, dirty };
}

/** The name of the stored job that uploads start. */
export const LANDING_JOB = "landing_orders";

/** Stores the job that uploads start, and drops a file into the landing prefix. */
export async function landFile(stage: DemoStage): Promise<void> {
  await stage.client.putJob({
    name: LANDING_JOB,
    body: {
      script: await exampleJob("landing-orders.json"),
      subscription: { bucket: landingBucket, prefix: "landing/", suffix: ".csv" },
    },
  });
  await stage.upload(landingBucket, "landing/orders-late.csv", ordersCsv(ORDERS + 1, LATE_ORDERS, []));
}

/** An object event reaches its function within a moment; much later means never. */
const EVENT_WITHIN_MS = 10_000;

/** Waits for the run that the file started, and for its end. */
export async function landedRun(stage: DemoStage, terminal: Terminal): Promise<WatchedRun> {
  const giveUpMs = Date.now() + EVENT_WITHIN_MS;
  for (;;) {
    const [run]: readonly Run[] = (await stage.client.runs({ query: { job: LANDING_JOB, limit: 1 } })).items;
    if (run) return watchRun(stage.client, run.id, { terminal, quiet: false });
    if (Date.now() > giveUpMs)
      throw new Error(`no run of ${LANDING_JOB} within ${EVENT_WITHIN_MS / 1000} s of the upload`);
    await sleep(50);
  }
}

/** The day whose partition is filled; a scheduler would say it. */
export const BIZDATE = "20260531";

/** Runs the job of OSS → MaxCompute, which has the shape of DataWorks' published sample, to its end. */
export async function fillPartition(stage: DemoStage, terminal: Terminal): Promise<WatchedRun> {
  const columns = "order_id bigint, product string, quantity bigint, amount double, paid boolean, ordered_at datetime";
  await stage.sql(`create table orders (${columns}) partitioned by (pt string)`);
  const script = await exampleJob("orders-to-maxcompute.json");
  const parameters = { bizdate: BIZDATE };
  const { id } = await stage.client.startRun({ body: { script, parameters, idempotencyKey: randomUUID() } });
  return watchRun(stage.client, id, { terminal, quiet: false });
}

/** Records in that partition, as MaxCompute's SQL counts them. */
export async function countPartition(stage: DemoStage): Promise<number> {
  const csv = await stage.sql(`select count(*) from orders where pt = '${BIZDATE}'`);
  return Number(csv.split("\n")[1]);
}

function exampleJob(file: string): Promise<string> {
  return readFile(path.join(packageFolder, "examples", file), "utf8");
}
