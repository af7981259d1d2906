import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import OSS from "ali-oss";
import TableStore from "tablestore";
import { startLocalCloud } from "../../infra/local/main.js";
import type { LocalCredentials } from "../../infra/local/service.js";
import { median, type Result, type Stage, seconds } from "./stage.js";

const manifest = `edition: 3.0.0
name: bench
resources:
  echo:
    component: fc3
    props:
      functionName: echo
      handler: echo.handler
      runtime: nodejs20
      timeout: 60
      memorySize: 256
`;

/** What the child tells when it is ready. */
interface Ready {
  readonly endpoints: Readonly<Record<"fc" | "tablestore" | "oss", string>>;
  readonly credentials: LocalCredentials;
  readonly region: string;
}

/** Serves a local cloud with one function until the parent goes: the child of {@link benchLocalCloud}. */
export async function serveLocalCloud(folder: string): Promise<void> {
  await writeFile(path.join(folder, "echo.js"), "exports.handler = async () => 'hello';\n");
  await writeFile(path.join(folder, "s.yaml"), manifest);
  const { endpoints, credentials, region } = await startLocalCloud({
    folder: path.join(folder, "data"),
    manifestFile: path.join(folder, "s.yaml"),
    functionsFolder: folder,
    workerFile: path.resolve(import.meta.dirname, "../local/worker.js"),
  });
  const ready: Ready = { endpoints, credentials, region };
  process.send?.(ready);
  process.once("disconnect", () => process.exit(0));
}

/** The local cloud as a process of its own, through the SDKs: latencies one call at a time, then 200 clients at once. */
export async function benchLocalCloud({ scale }: Stage): Promise<Result[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-bench-"));
  const child = fork(process.argv[1] ?? "", ["--serve", folder]);
  try {
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once("message", (message) => resolve(message as Ready));
      child.once("exit", (code) => reject(new Error(`the local cloud ended with ${code}`)));
    });
    const calls = await openCalls(ready);
    const results = [
      latency("PutRow through the SDK, synced, p50", await timesOf(calls.put), 3),
      latency("GetRow through the SDK, p50", await timesOf(calls.get), 3),
      latency("warm function invoke through the SDK, p50", await timesOf(calls.invoke), 5),
    ];
    return [...results, ...(await crowd(calls, child.pid ?? 0, Math.max(3, 30 * Math.min(1, scale))))];
  } finally {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.disconnect();
    if (child.exitCode === null) await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

/** One call each; `n` chooses row or object. */
type Calls = Readonly<Record<"put" | "get" | "invoke" | "putObject" | "getObject", (n: number) => Promise<unknown>>>;

const ROWS = 1000;
const pad = "x".repeat(200);

async function openCalls(ready: Ready): Promise<Calls> {
  const { accessKeyId, accessKeySecret, accountId } = ready.credentials;
  const tables = new TableStore.Client({
    accessKeyId,
    secretAccessKey: accessKeySecret,
    endpoint: ready.endpoints.tablestore,
    instancename: "bench",
    maxRetries: 0,
  });
  await tables.createTable({
    tableMeta: { tableName: "t", primaryKey: [{ name: "id", type: "STRING" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
  // `sldEnable` is missing from the SDK's declarations.
  const options = { endpoint: ready.endpoints.oss, accessKeyId, accessKeySecret, bucket: "bench", sldEnable: true };
  const oss = new OSS(options as OSS.Options);
  await oss.putBucket("bench");
  // The package has no types.
  const Fc = createRequire(import.meta.url)("@alicloud/fc2");
  const fc = new Fc(accountId, {
    accessKeyID: accessKeyId,
    accessKeySecret,
    endpoint: ready.endpoints.fc,
    region: ready.region,
  });
  const key = (n: number) => ({ tableName: "t", primaryKey: [{ id: `row-${n % ROWS}` }] });
  const condition = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null as never);
  return {
    put: (n) => tables.putRow({ ...key(n), condition, attributeColumns: [{ pad }, { n: String(n) }] } as never),
    get: (n) => tables.getRow({ ...key(n), maxVersions: 1 } as never),
    invoke: () => fc.invokeFunction("s", "echo", "{}"),
    putObject: (n) => oss.put(`o/${n % ROWS}`, Buffer.from(pad)),
    getObject: (n) => oss.get(`o/${n % 200}`),
  };
}

/** Milliseconds of calls one after the other, after as many again to warm up. */
async function timesOf(call: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < 1000; n++) {
    const took = await seconds(() => call(n));
    if (n >= 500) times.push(took * 1000);
  }
  return times;
}

function latency(what: string, times: readonly number[], barMs: number): Result {
  const middle = median(times);
  return { what, measured: `${middle.toFixed(2)} ms`, bar: `≤ ${barMs} ms`, isMet: middle <= barMs };
}

const CLIENTS = 200;

async function crowd(calls: Calls, pid: number, lengthS: number): Promise<Result[]> {
  for (let n = 0; n < 200; n++) await calls.putObject(n);
  const until = Date.now() + lengthS * 1000;
  const errors: string[] = [];
  let done = 0;
  let peak = memoryOf(pid);
  const order = [calls.put, calls.get, calls.get, calls.putObject, calls.getObject, calls.invoke];
  const watch = setInterval(() => {
    const now = memoryOf(pid);
    peak = { own: Math.max(peak.own, now.own), all: Math.max(peak.all, now.all) };
  }, 250);
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let n = client; Date.now() < until; n++) {
        await order[n % order.length]?.(n * CLIENTS + client).catch((error: Error) => errors.push(error.message));
        done += 1;
      }
    }),
  );
  clearInterval(watch);
  const [first = ""] = errors;
  return [
    {
      what: `${CLIENTS} clients for ${lengthS} s: rows, objects and invocations of the local cloud at once`,
      measured: `${errors.length} errors in ${done.toLocaleString("en")} calls${first === "" ? "" : `: ${first}`}`,
      bar: "no error",
      isMet: errors.length === 0,
    },
    {
      what: "the local cloud's own process meanwhile: memory of its own (with mapped files, which the kernel may take back)",
      measured: `${peak.own.toFixed(0)} MB (${peak.all.toFixed(0)} MB)`,
      bar: "≤ 400 MB",
      isMet: peak.own <= 400,
    },
  ];
}

/** MiB in memory now: anonymous pages, and all including those of mapped files, such as the store's. */
function memoryOf(pid: number): { own: number; all: number } {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const figure = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { own: figure("RssAnon"), all: figure("VmRSS") };
}
