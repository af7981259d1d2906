import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import OSS from "ali-oss";
import TableStore from "tablestore";
import { forbiddenCalls } from "../../infra/deploy/allowed-calls.js";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../infra/local/main.js";
import type { KeptDirtyRecord } from "../../shared/model/dirty-record.js";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import { type Answer, callApi } from "./call-api.js";
import { patience } from "./pace.mjs";

/** Sluice, complete, in a local cloud of its own: the built functions, the real SDKs. */
export interface TestSluice {
  readonly cloud: LocalCloud;
  readonly token: string;
  /** Lines that functions logged. */
  readonly logs: string[];
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Registers a data source; fails the test when it is refused. */
  register(name: string, type: string, properties: object): Promise<void>;
  /** Starts a run and returns its id. */
  start(request: object): Promise<string>;
  /** Waits until the run has ended. */
  ended(id: string, timeoutMs?: number): Promise<{ run: Run; splits: readonly SplitView[] }>;
  /** Starts a script and waits for its end. */
  run(script: object, parameters?: object): Promise<{ run: Run; splits: readonly SplitView[] }>;
  /** All kept dirty records of a run. */
  dirty(id: string): Promise<readonly KeptDirtyRecord[]>;
  /** A client of the local OSS for a bucket, which is created. */
  bucket(name: string): Promise<OSS>;
  /** A client of the local Tablestore. */
  tables(): InstanceType<typeof TableStore.Client>;
  close(): Promise<void>;
}

/** Starts Sluice with an empty data folder; `close` removes it. */
export async function startSluice(options: Partial<LocalCloudOptions> = {}): Promise<TestSluice> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-e2e-"));
  const token = randomBytes(16).toString("hex");
  const root = path.resolve(import.meta.dirname, "../..");
  const logs: string[] = [];
  const cloud = await startLocalCloud({
    folder,
    manifestFile: path.join(root, "s.yaml"),
    functionsFolder: path.join(root, "dist/functions"),
    workerFile: path.join(root, "dist/local/worker.js"),
    timers: false,
    sync: false,
    onLog: (line) => void logs.push(JSON.stringify(line)),
    ...options,
    environment: {
      SLUICE_API_TOKEN_HASH: createHash("sha256").update(token).digest("hex"),
      SLUICE_MASTER_KEY: randomBytes(32).toString("base64"),
      SLUICE_AUTO_BOOTSTRAP: "1",
      ...options.environment,
    },
  });
  const call: TestSluice["call"] = (method, url, body) =>
    callApi({ endpoint: cloud.endpoints.api, token, method, url, body });
  return {
    cloud,
    token,
    logs,
    call,
    ...runsOver(call),
    bucket: (name) => openBucket(cloud, name),
    tables: () => openTables(cloud),
    async close() {
      const calls = cloud.calls();
      await cloud.close();
      await rm(folder, { recursive: true, force: true });
      refuseForbidden(calls, cloud.environment);
    },
  };
}

/** Whatever a test did: no function may have called what its role in an account would not allow. */
function refuseForbidden(calls: ReturnType<LocalCloud["calls"]>, environment: LocalCloud["environment"]): void {
  const { SLUICE_STAGE: stage = "", SLUICE_OTS_INSTANCE: instance = "", SLUICE_OSS_BUCKET: bucket = "" } = environment;
  const forbidden = forbiddenCalls(calls, { stage, instance, bucket });
  if (forbidden.length === 0) return;
  const lines = forbidden.map(({ caller, operation, resource }) => `${caller} ${operation} ${resource}`);
  throw new Error(`the policies in infra/deploy do not allow: ${[...new Set(lines)].join("; ")}`);
}

/** What concerns runs, for who calls the API in whatever workspace. */
export function runsOver(call: TestSluice["call"]): Pick<TestSluice, "register" | "start" | "ended" | "run" | "dirty"> {
  const start: TestSluice["start"] = async (request) => {
    const { status, body } = await call("POST", "/v1/runs", request);
    if (status !== 202) throw new Error(`run refused: ${JSON.stringify(body)}`);
    return body.id;
  };
  const ended: TestSluice["ended"] = async (id, timeoutMs = patience(20_000)) => {
    for (const since = Date.now(); ; ) {
      const { body } = await call("GET", `/v1/runs/${id}`);
      if (["succeeded", "failed", "cancelled"].includes(body.run?.state)) return body;
      if (Date.now() - since > timeoutMs) throw new Error(`run did not end: ${JSON.stringify(body).slice(0, 2000)}`);
      // As the command does: often at first, then at ease.
      await new Promise((resolve) => setTimeout(resolve, Date.now() - since < 2000 ? 50 : 300));
    }
  };
  return {
    start,
    ended,
    run: async (script, parameters = {}) => ended(await start({ script, parameters })),
    async register(name, type, properties) {
      const { status, body } = await call("POST", "/v1/data-sources", { name, type, properties });
      if (status !== 201) throw new Error(`data source refused: ${JSON.stringify(body)}`);
    },
    async dirty(id) {
      const items: KeptDirtyRecord[] = [];
      let page: string | null = null;
      do {
        const query: string = page === null ? "" : `&page=${encodeURIComponent(page)}`;
        const { body }: Answer = await call("GET", `/v1/runs/${id}/dirty?limit=500${query}`);
        items.push(...body.items);
        page = body.nextPage;
      } while (page !== null);
      return items;
    },
  };
}

async function openBucket(cloud: LocalCloud, bucket: string): Promise<OSS> {
  const { accessKeyId, accessKeySecret } = cloud.credentials;
  const options = {
    endpoint: cloud.endpoints.oss,
    region: `oss-${cloud.region}`,
    accessKeyId,
    accessKeySecret,
    bucket,
    sldEnable: true,
  };
  // `sldEnable` is missing from the SDK's declarations.
  const client = new OSS(options as OSS.Options);
  await client.putBucket(bucket);
  return client;
}

function openTables(cloud: LocalCloud): InstanceType<typeof TableStore.Client> {
  const { accessKeyId, accessKeySecret } = cloud.credentials;
  return new TableStore.Client({
    accessKeyId,
    secretAccessKey: accessKeySecret,
    endpoint: cloud.endpoints.tablestore,
    instancename: "shop",
    maxRetries: 0,
  });
}

/** A job script in the 2.0 spelling. */
export function job(reader: [string, object], writer: [string, object], setting: object = {}): object {
  const step = (category: string, [stepType, parameter]: [string, object]) => ({
    stepType,
    category,
    name: category,
    parameter,
  });
  return {
    type: "job",
    version: "2.0",
    steps: [step("reader", reader), step("writer", writer)],
    order: { hops: [{ from: "reader", to: "writer" }] },
    setting: { errorLimit: { record: "0" }, speed: { concurrent: 1 }, ...setting },
  };
}
