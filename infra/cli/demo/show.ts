import { performance } from "node:perf_hooks";
import type { KeptDirtyRecord } from "../../../shared/model/dirty-record.js";
import type { RunState } from "../../../shared/model/run.js";
import { dirtyLines } from "../dirty-list.js";
import { bytes, groupedCount, groupedCounted, seconds } from "../numbers.js";
import { showReport } from "../run-report.js";
import type { OutputStream, Terminal } from "../terminal.js";
import type { WatchedRun } from "../watch-run.js";
import {
  BIZDATE,
  countPartition,
  fillPartition,
  LANDING_JOB,
  LATE_ORDERS,
  landedRun,
  landFile,
  moveOrders,
  ORDERS,
  registerDataSources,
  uploadOrders,
} from "./acts.js";
import { brokenOrders } from "./orders.js";
import type { DemoStage } from "./stage.js";

/** Plays the demo on a stage; throws at the first thing that is not as it must be. */
export async function play(stage: DemoStage, terminal: Terminal): Promise<void> {
  const { out } = terminal;
  await showSources(stage, out);
  await showRun(stage, terminal);
  await showLanding(stage, terminal);
  await showPartition(stage, terminal);
}

async function showSources(stage: DemoStage, out: OutputStream): Promise<void> {
  heading(out, "Orders in OSS, a table in Tablestore");
  const size = await uploadOrders(stage);
  say(
    out,
    `${groupedCount(ORDERS)} orders (${bytes(size)}, ${brokenOrders.length} lines broken on purpose) in oss://shop/orders/2026.csv`,
  );
  for (const { name, ok } of await registerDataSources(stage)) {
    expectEqual(`the connection test of ${name}`, ok, true);
    say(out, `data source ${name}: ${out.paint("green", "reachable")}`);
  }
}

async function showRun(stage: DemoStage, terminal: Terminal): Promise<void> {
  const { out } = terminal;
  heading(out, "examples/orders-to-tablestore.json: OSS → Tablestore in 4 shards");
  const view = await moveOrders(stage, terminal);
  showReport(view.run, view.splits, { output: out });
  out.write("\n");
  out.write(`${dirtyLines(inFileOrder(view.dirty)).join("\n")}\n`);
  expectRun(view, { state: "succeeded", written: ORDERS - brokenOrders.length, dirty: brokenOrders.length });
  expectDirty(view.dirty);
  const rows = await stage.table.count(1);
  expectEqual("rows in the target table", rows, ORDERS - brokenOrders.length);
  say(out, `\nthe table holds ${groupedCount(rows)} rows: every good order, once`);
}

async function showLanding(stage: DemoStage, terminal: Terminal): Promise<void> {
  const { out } = terminal;
  heading(out, "A file lands, a run follows");
  await landFile(stage);
  say(out, `job ${LANDING_JOB} waits for uploads; dropped oss://sluice-dev-landing/landing/orders-late.csv`);
  const droppedMs = performance.now();
  const view = await landedRun(stage, terminal);
  expectRun(view, { state: "succeeded", written: LATE_ORDERS, dirty: 0 });
  expectEqual("what started the run", view.run.trigger.kind, "upload");
  expectEqual("late rows in the target table", await stage.table.count(ORDERS + 1), LATE_ORDERS);
  say(
    out,
    `run ${view.run.id} followed by itself and brought ${groupedCount(view.run.counters.written)} more, ${seconds((performance.now() - droppedMs) / 1000)} after the upload`,
  );
}

async function showPartition(stage: DemoStage, terminal: Terminal): Promise<void> {
  const { out } = terminal;
  heading(out, "examples/orders-to-maxcompute.json: OSS → a partition of MaxCompute, in DataWorks' own script");
  const view = await fillPartition(stage, terminal);
  expectRun(view, { state: "succeeded", written: LATE_ORDERS, dirty: 0 });
  const found = await countPartition(stage);
  expectEqual("records in the partition", found, LATE_ORDERS);
  say(
    out,
    `select count(*) from orders where pt = '${BIZDATE}': ${groupedCount(found)}, visible at once when the run ended`,
  );
}

function expectRun({ run }: WatchedRun, expected: { state: RunState; written: number; dirty: number }): void {
  const why = run.error ? `: ${run.error.message}` : "";
  expectEqual(`the state of run ${run.id}${why}`, run.state, expected.state);
  expectEqual("records written", run.counters.written, expected.written);
  expectEqual("dirty records", run.counters.dirty, expected.dirty);
}

/** Shards finish as they come; people read a file from its top. */
function inFileOrder(dirty: readonly KeptDirtyRecord[]): KeptDirtyRecord[] {
  const line = ({ key }: KeptDirtyRecord): number => Number(key?.split(":").at(-1));
  return [...dirty].sort((a, b) => line(a) - line(b));
}

/** The dirty records must be the broken lines, no others. */
function expectDirty(dirty: readonly KeptDirtyRecord[]): void {
  expectEqual("kept dirty records", dirty.length, brokenOrders.length);
  for (const { message, reason } of dirty) expectEqual(`a reason for "${message}"`, reason === "", false);
  const numbers = dirty.map(({ cells: [order] }) => (order === null || order === "" ? "no key" : String(order)));
  const expected = brokenOrders.map(({ order, what }) => (what === "no key" ? what : String(order)));
  expectEqual("orders that are dirty", numbers.sort().join(" "), expected.sort().join(" "));
}

function expectEqual<T>(what: string, seen: T, expected: T): void {
  if (seen !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(seen)}`);
}

function heading(out: OutputStream, text: string): void {
  out.write(`\n${out.paint("bold", text)}\n`);
}

function say(out: OutputStream, text: string): void {
  out.write(`${text}\n`);
}

/** What to try after the demo. */
export function whatNext(out: OutputStream): string {
  return [
    "",
    out.paint("bold", "What you can do next"),
    "  npm run sluice -- local                     keep a local cloud running (data in .sluice)",
    "  npm run sluice -- run examples/stream.json  run a job; --json for machines",
    "  npm run sluice -- template mysql oss        a job to start from",
    "  npm run sluice -- --help                    all commands; docs/cli.md explains them",
    "",
  ].join("\n");
}

/** The demo's first lines. */
export function opening(stage: DemoStage, startedMs: number): string {
  const { endpoints, address } = stage.local;
  return [
    `The local cloud is up in ${seconds((performance.now() - startedMs) / 1000)}: five functions, Tablestore, OSS and MaxCompute, all in this machine's loopback.`,
    `  Sluice API ${address.endpoint} · Tablestore ${endpoints.tablestore} · OSS ${endpoints.oss} · MaxCompute ${endpoints.maxcompute}`,
    "",
  ].join("\n");
}

/** The demo's last line. */
export function closing(startedMs: number): string {
  return `${groupedCounted(3, "run")}, all as expected, in ${seconds((performance.now() - startedMs) / 1000)}.\n`;
}
