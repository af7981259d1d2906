import type OSS from "ali-oss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KillPoint } from "../../infra/local/kill-points.js";
import type { Run } from "../../shared/model/run.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

/** Objects are read in the order of their size, so the last third comes last. */
const thirds = [0, 1, 2] as const;
/** Lines of each of three objects, which are three splits. Those of `large` take more than one part; the last of `dirty` has bad lines. */
const sources = { small: 500, large: 70_000, dirty: 500 } as const;

interface Case {
  readonly what: string;
  readonly of: "shard" | "reducer";
  readonly point: Pick<KillPoint, "operation" | "when" | "count">;
  readonly source?: keyof typeof sources;
  /** One object of all splits. */
  readonly single?: true;
  /** The run allows no bad line, so it fails. */
  readonly fails?: true;
}

const part = { operation: "UploadPart", count: 2 } as const;
const cases = {
  begun: {
    what: "after it began an upload",
    of: "shard",
    point: { operation: "InitiateMultipartUpload", when: "after" },
  },
  part_unsent: { what: "before a part is sent", of: "shard", point: { ...part, when: "before" }, source: "large" },
  part_sent: { what: "right after a part was sent", of: "shard", point: { ...part, when: "after" }, source: "large" },
  dirty_unkept: {
    ...{ what: "before it keeps dirty records", of: "shard", source: "dirty" },
    point: { operation: "PutObject", when: "before" },
  },
  dirty_kept: {
    ...{ what: "right after it kept dirty records", of: "shard", source: "dirty" },
    point: { operation: "PutObject", when: "after" },
  },
  publishing: {
    ...{ what: "before the first object is published", of: "reducer" },
    point: { operation: "CompleteMultipartUpload", when: "before" },
  },
  half_published: {
    ...{ what: "right after one object of three was published", of: "reducer" },
    point: { operation: "CompleteMultipartUpload", when: "after" },
  },
  undoing: {
    ...{ what: "before it undoes a failed run", of: "reducer", source: "dirty", fails: true },
    point: { operation: "AbortMultipartUpload", when: "before" },
  },
  half_undone: {
    ...{ what: "right after it undid one upload of a failed run", of: "reducer", source: "dirty", fails: true },
    point: { operation: "AbortMultipartUpload", when: "after" },
  },
  lump_unsent: {
    ...{ what: "before a part that is too small is put aside", of: "shard", single: true },
    point: { operation: "PutObject", when: "before" },
  },
  lump_sent: {
    ...{ what: "right after a part that is too small was put aside", of: "shard", single: true },
    point: { operation: "PutObject", when: "after" },
  },
  one_part_sent: {
    ...{ what: "right after a part of the one object was sent", of: "shard", single: true, source: "large" },
    point: { operation: "UploadPart", when: "after" },
  },
  joining: {
    ...{ what: "right after it joined what was put aside", of: "reducer", single: true },
    point: { operation: "UploadPart", when: "after" },
  },
  one_published: {
    ...{ what: "right after the one object was published", of: "reducer", single: true, source: "large" },
    point: { operation: "CompleteMultipartUpload", when: "after" },
  },
} satisfies Record<string, Case>;
type Name = keyof typeof cases;
const names = Object.keys(cases) as Name[];
const caseOf = (name: Name): Case => cases[name];

let sluice: TestSluice;
let bucket: OSS;
let ticking: NodeJS.Timeout;
const runs = new Map<Name, string>();

beforeAll(async () => {
  sluice = await startSluice();
  bucket = await sluice.bucket("lake");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  await sluice.register("lake", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "lake", accessId, accessKey });
  for (const source of ["small", "large", "dirty"] as const)
    for (const third of thirds)
      await bucket.put(`in/${source}-${third}.csv`, Buffer.from(linesOf(source, third).join("")));
  // An object's key says which run a call is for, dirty records' do not: those runs go one after the other.
  for (const name of names.filter((one) => caseOf(one).source === "dirty")) await start(name, true);
  for (const name of names.filter((one) => caseOf(one).source !== "dirty")) await start(name, false);
  ticking = setInterval(() => void sluice.cloud.tick("tick", new Date()).catch(() => undefined), 2000);
});
afterAll(async () => {
  clearInterval(ticking);
  await sluice.close();
});

function linesOf(source: keyof typeof sources, third: number): string[] {
  return Array.from({ length: sources[source] }, (_, i) => {
    const id = third * sources[source] + i;
    const isBad = source === "dirty" && third === 2 && i % 100 === 99;
    return `${isBad ? `bad-${id}` : id},${`order ${id} `.padEnd(140 - 10 * third, "x")}\n`;
  });
}

async function start(name: Name, isAlone: boolean): Promise<void> {
  const { of, point, fails, single, source = "small" }: Case = caseOf(name);
  const isOfDirty = point.operation === "PutObject" && !single;
  const containing = isOfDirty ? "sluice-dev/runs/" : `lake/out/${name}/`;
  const mode = single ? { writeSingleObject: true } : { writeMode: "append" };
  sluice.cloud.killAt(`sluice-dev-${of}`, { service: "oss", ...point, containing });
  const script = job(
    [
      "oss",
      {
        ...{ datasource: "lake", object: `in/${source}-*`, fileFormat: "csv" },
        column: [
          { index: 0, type: "long" },
          { index: 1, type: "string" },
        ],
      },
    ],
    ["oss", { datasource: "lake", object: `out/${name}/rows`, fileFormat: "csv", ...mode }],
    { errorLimit: { record: fails ? "0" : "1000" }, speed: { concurrent: 1 } },
  );
  runs.set(name, await sluice.start({ script }));
  const isPlanned = () => sluice.cloud.kills.list().some((kill) => kill.point.containing === containing);
  for (const since = Date.now(); isAlone && isPlanned(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() - since > 30_000) throw new Error(`${name}: the kill does not happen`);
}

/** All lines that the run has published, in order, and the uploads that it has not ended. */
async function left(name: Name): Promise<{ lines: string[]; uploads: string[] }> {
  const { objects } = await bucket.listV2({ prefix: `out/${name}/`, "max-keys": "1000" }, {});
  const texts = await Promise.all(
    (objects ?? []).map(async ({ name: key }) => String((await bucket.get(key)).content)),
  );
  const lines = texts.flatMap((text) => text.split("\n").filter((line) => line !== "")).sort();
  const page = await bucket.listUploads({ prefix: `out/${name}/`, "max-uploads": 1000 });
  return { lines, uploads: page.uploads.map(({ name: key, uploadId }) => `${key} ${uploadId}`) };
}

describe("a run to OSS of which something is killed at the worst call", () => {
  const cases = names.map((name) => [name, caseOf(name).of, caseOf(name).what] as const);
  it.each(cases)("ends with everything once and nothing left (%s): the %s, %s", async (name) => {
    const { fails, source = "small" }: Case = caseOf(name);
    const { run }: { run: Run } = await sluice.ended(runs.get(name) ?? "");
    expect(sluice.cloud.kills.list().filter(({ point }) => point.containing?.includes(`/${name}/`))).toEqual([]);
    const all = thirds.flatMap((third) => linesOf(source, third));
    const good = all.filter((line) => !line.startsWith("bad")).map((line) => line.trimEnd());
    const { lines, uploads } = await left(name);
    expect(uploads).toEqual([]);
    if (fails) {
      expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
      expect(lines).toEqual([]);
      return;
    }
    const dirty = all.length - good.length;
    expect(run).toMatchObject({ state: "succeeded", counters: { read: all.length, written: good.length, dirty } });
    expect(lines.join("\n") === good.sort().join("\n")).toBe(true);
    const kept = (await sluice.dirty(run.id)).map(({ cells }) => cells[0]);
    expect(kept.sort()).toEqual(
      all
        .filter((line) => line.startsWith("bad"))
        .map((line) => line.split(",")[0])
        .sort(),
    );
  });
});
