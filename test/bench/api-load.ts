import { callerIn } from "../e2e/source-workspaces.js";
import { startHangingMysql } from "../servers/hanging-mysql.js";
import { job } from "../servers/sluice.js";
import type { Result, Stage } from "./stage.js";

const CLIENTS = 50;
const SECONDS = 30;

type Kind = "list" | "get" | "create";
const kinds = ["list", "get", "create"] as const;

/** Which calls a client makes, over and over. */
const rhythm: readonly Kind[] = ["list", "get", "get", "create", "get"];

/** What many clients met: how long each call took, in milliseconds, and what was refused. */
interface Load {
  readonly times: Readonly<Record<Kind, number[]>>;
  readonly errors: readonly string[];
}

/** Many clients that list, show and register data sources for half a minute: how long they wait, and whether all goes well. */
export async function benchApiLoad({ sluice, scale }: Stage): Promise<Result[]> {
  await sluice.call("PUT", "/v1/workspaces/default/quotas", { dataSources: 10_000 });
  await sluice.register("load_first", "stream", {});
  const load = await loadFor(sluice, SECONDS * scale, "load");
  return [
    ...kinds.map((kind) => ({
      what: `API, ${CLIENTS} clients: ${kind} a data source, p50 and p95`,
      measured: `${at(load, kind, 0.5).toFixed(0)} ms, ${at(load, kind, 0.95).toFixed(0)} ms`,
      bar: "",
      isMet: null,
    })),
    errorsOf(`API, ${CLIENTS} clients for ${Math.round(SECONDS * scale)} s: errors`, load),
  ];
}

const HUNG = 20;
const JOBS = 500;

/** The same beside what another workspace does: runs whose source says nothing, and stored jobs of a MB each. */
export async function benchBesideOthers({ sluice, scale }: Stage): Promise<Result[]> {
  await sluice.call("PUT", "/v1/workspaces/default/quotas", { dataSources: 10_000 });
  await sluice.register("load_first", "stream", {});
  const seconds = (SECONDS / 2) * scale;
  const before = await loadFor(sluice, seconds, "alone");
  const server = await startHangingMysql();
  try {
    await crowd(sluice, server.port, Math.ceil(JOBS * scale));
    const beside = await loadFor(sluice, seconds, "beside");
    const name = `API, ${CLIENTS} clients, beside ${HUNG} runs that hang and ${Math.ceil(JOBS * scale)} jobs of 1 MB of another workspace`;
    return [
      ...kinds.map((kind) => ratioOf(`${name}: ${kind}, p95 against without them`, before, beside, kind)),
      errorsOf(`${name}: errors`, beside),
    ];
  } finally {
    server.close();
  }
}

async function crowd(sluice: Stage["sluice"], port: number, jobs: number): Promise<void> {
  await sluice.call("POST", "/v1/workspaces", { name: "crowd" });
  const call = callerIn(sluice, "crowd");
  const properties = { host: "127.0.0.1", port, database: "d", username: "u", password: "p" };
  await call("POST", "/v1/data-sources", { name: "db", type: "mysql", properties });
  const filler = [{ type: "string", value: "x".repeat(1_000_000) }];
  const large = job(["stream", { column: filler, sliceRecordCount: 1 }], ["stream", {}]);
  for (let i = 0; i < jobs; i++) {
    const { status, text } = await call("PUT", `/v1/jobs/large${i}`, { script: large });
    if (status >= 300) throw new Error(`a job was refused: ${text.slice(0, 300)}`);
  }
  const hung = job(["mysql", { datasource: "db", table: ["t"], column: ["id"] }], ["stream", {}]);
  for (let i = 0; i < HUNG; i++) await call("POST", "/v1/runs", { script: hung });
}

async function loadFor(sluice: Stage["sluice"], seconds: number, prefix: string): Promise<Load> {
  const times: Record<Kind, number[]> = { list: [], get: [], create: [] };
  const errors: string[] = [];
  // Instances start first: what a cold start costs is measured elsewhere.
  await Promise.all(Array.from({ length: CLIENTS }, () => callOf(sluice, "get", "")));
  const until = performance.now() + seconds * 1000;
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn++) {
      const kind = rhythm[turn % rhythm.length] ?? "get";
      const since = performance.now();
      const { status, text } = await callOf(sluice, kind, `${prefix}_${number}_${turn}`);
      times[kind].push(performance.now() - since);
      if (status >= 300) errors.push(`${kind}: ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  const [first] = errors;
  if (first !== undefined) console.error(`${errors.length} refused, the first: ${first}`);
  return { times, errors };
}

function callOf({ call }: Stage["sluice"], kind: Kind, name: string) {
  if (kind === "list") return call("GET", "/v1/data-sources?limit=20");
  if (kind === "get") return call("GET", "/v1/data-sources/load_first");
  return call("POST", "/v1/data-sources", { name, type: "stream", properties: {} });
}

function at({ times }: Load, kind: Kind, share: number): number {
  const sorted = [...times[kind]].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function ratioOf(what: string, before: Load, beside: Load, kind: Kind): Result {
  const [alone, crowded] = [at(before, kind, 0.95), at(beside, kind, 0.95)];
  const measured = `${(crowded / alone).toFixed(2)} (${crowded.toFixed(0)} ms against ${alone.toFixed(0)} ms)`;
  return { what, measured, bar: "≤ 2", isMet: crowded <= 2 * alone };
}

function errorsOf(what: string, { times, errors }: Load): Result {
  const all = Object.values(times).flat().length;
  return { what, measured: `${errors.length} of ${all}`, bar: "none", isMet: errors.length === 0 };
}
