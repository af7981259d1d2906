import type { Result, Stage } from "./stage.js";

const CLIENTS = 50;
const SECONDS = 30;

type Kind = "list" | "get" | "create";

/** Which calls a client makes, over and over. */
const rhythm: readonly Kind[] = ["list", "get", "get", "create", "get"];

/** Many clients that list, show and register data sources for half a minute: how long they wait, and whether all goes well. */
export async function benchApiLoad({ sluice, scale }: Stage): Promise<Result[]> {
  await sluice.register("load_first", "stream", {});
  const times: Record<Kind, number[]> = { list: [], get: [], create: [] };
  const errors: string[] = [];
  // Instances start first: what a cold start costs is measured elsewhere.
  await Promise.all(Array.from({ length: CLIENTS }, () => callOf(sluice, "get", "")));
  const until = performance.now() + SECONDS * 1000 * scale;
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn++) {
      const kind = rhythm[turn % rhythm.length] ?? "get";
      const since = performance.now();
      const { status, text } = await callOf(sluice, kind, `load_${number}_${turn}`);
      times[kind].push(performance.now() - since);
      if (status >= 300) errors.push(`${kind}: ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  const [first] = errors;
  if (first !== undefined) console.error(`${errors.length} refused, the first: ${first}`);
  const all = Object.values(times).flat();
  return [
    ...(["list", "get", "create"] as const).map((kind) => lineOf(kind, times[kind])),
    {
      what: `API, ${CLIENTS} clients for ${Math.round(SECONDS * scale)} s: errors`,
      measured: `${errors.length} of ${all.length}`,
      bar: "none",
      isMet: errors.length === 0,
    },
  ];
}

function callOf({ call }: Stage["sluice"], kind: Kind, name: string) {
  if (kind === "list") return call("GET", "/v1/data-sources?limit=20");
  if (kind === "get") return call("GET", "/v1/data-sources/load_first");
  return call("POST", "/v1/data-sources", { name, type: "stream", properties: {} });
}

function lineOf(kind: Kind, times: readonly number[]): Result {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  return {
    what: `API, ${CLIENTS} clients: ${kind} a data source, p50 and p95`,
    measured: `${at(0.5)} ms, ${at(0.95)} ms`,
    bar: "",
    isMet: null,
  };
}
