import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KillPoint } from "../../infra/local/kill-points.js";
import { type OdpsPlace, openOdps } from "../e2e/odps-place.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

/** Lines of each of three objects, which are three splits; those of the last are wide enough for two blocks. */
const LINES = 2_000;
const WIDE = 700;

interface Case {
  readonly what: string;
  readonly of: "planner" | "shard" | "reducer";
  readonly point: Pick<KillPoint, "operation" | "when" | "count">;
  /** Partitions are told by the records. */
  readonly isDynamic?: true;
  /** All records tell this partition, and the point is a call of the store that names it. */
  readonly partition?: string;
}

const cases = {
  begun: {
    what: "right after it began the run's session",
    of: "planner",
    point: { operation: "BeginUpload", when: "after" },
  },
  block_unsent: {
    what: "before a block is sent",
    of: "shard",
    point: { operation: "PutBlock", when: "before", count: 2 },
  },
  block_sent: {
    what: "right after a block was sent",
    of: "shard",
    point: { operation: "PutBlock", when: "after", count: 2 },
  },
  last_block: {
    what: "right after the last block was sent",
    of: "shard",
    point: { operation: "PutBlock", when: "after", count: 4 },
  },
  uncommitted: { what: "before the commit", of: "reducer", point: { operation: "CommitUpload", when: "before" } },
  committed: { what: "right after the commit", of: "reducer", point: { operation: "CommitUpload", when: "after" } },
  own_session: {
    ...{ what: "right after it began a session of a partition", of: "shard", isDynamic: true },
    point: { operation: "BeginUpload", when: "after" },
  },
  agreed: {
    ...{ what: "right after the splits agreed on the session of a partition", of: "shard", isDynamic: true },
    ...{ point: { operation: "PutRow", when: "after" }, partition: "agreed" },
  },
  half_committed: {
    ...{ what: "right after one partition of two was committed", of: "reducer", isDynamic: true },
    point: { operation: "CommitUpload", when: "after", count: 2 },
  },
} satisfies Record<string, Case>;
type Name = keyof typeof cases;
const names = Object.keys(cases) as Name[];
const caseOf = (name: Name): Case => cases[name];

let sluice: TestSluice;
let odps: OdpsPlace;
let ticking: NodeJS.Timeout;
const runs = new Map<Name, string>();

beforeAll(async () => {
  sluice = await startSluice();
  odps = await openOdps(sluice);
  const bucket = await sluice.bucket("lake");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  await sluice.register("lake", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "lake", accessId, accessKey });
  for (const third of [0, 1, 2]) await bucket.put(`in/${third}.csv`, Buffer.from(linesOf(third)));
  await Promise.all(names.map(start));
  ticking = setInterval(() => void sluice.cloud.tick("tick", new Date()).catch(() => undefined), 2000);
});
afterAll(async () => {
  clearInterval(ticking);
  await sluice.close();
});

function linesOf(third: number): string {
  const text = third === 2 ? "x".repeat(WIDE * 3) : "short";
  const lines = Array.from({ length: LINES }, (_, i) => `${third * LINES + i},${text},p${i % 2}\n`);
  return lines.join("");
}

/** Which calls the kill of a case waits for. */
function placeOf(name: Name): Pick<KillPoint, "service" | "containing"> & { readonly containing: string } {
  const { partition }: Case = caseOf(name);
  if (partition === undefined) return { service: "maxcompute", containing: `sluice_dev/${name}/` };
  return { service: "tablestore", containing: JSON.stringify([partition]) };
}

async function start(name: Name): Promise<void> {
  const { of, point, isDynamic, partition }: Case = caseOf(name);
  await odps.sql(`create table ${name} (id bigint, text string) partitioned by (pt string)`);
  // What was there is replaced, once.
  await odps.sql(`alter table ${name} add partition (pt='p0')`);
  sluice.cloud.killAt(`sluice-dev-${of}`, { ...point, ...placeOf(name) });
  const keys = isDynamic
    ? [partition === undefined ? { index: 2, type: "string" } : { value: partition, type: "string" }]
    : [];
  const column = [...["long", "string"].map((type, index) => ({ index, type })), ...keys];
  const target = isDynamic ? { column: ["id", "text", "pt"] } : { column: ["id", "text"], partition: "pt=p0" };
  const script = job(
    ["oss", { datasource: "lake", object: "in/*", fileFormat: "csv", column }],
    ["odps", { datasource: "mc", table: name, truncate: true, blockSizeInMB: 2, ...target }],
    { speed: { concurrent: 1 } },
  );
  runs.set(name, await sluice.start({ script }));
}

describe("a run into MaxCompute of which something is killed at the worst moment", () => {
  it.each(names.map((name) => [name, `${caseOf(name).of}, ${caseOf(name).what}`] as const))(
    "has each record once (%s): the %s",
    async (name) => {
      const { run } = await sluice.ended(runs.get(name) ?? "", 60_000);
      expect(run).toMatchObject({ state: "succeeded", counters: { read: 3 * LINES, written: 3 * LINES, dirty: 0 } });
      const planned = sluice.cloud.kills.list().filter(({ point }) => point.containing === placeOf(name).containing);
      expect(planned).toEqual([]);
      expect(await odps.sql(`select count(*), count(distinct id), min(id), max(id) from ${name}`)).toContain(
        `\n${3 * LINES},${3 * LINES},0,${3 * LINES - 1}\n`,
      );
    },
  );
});
