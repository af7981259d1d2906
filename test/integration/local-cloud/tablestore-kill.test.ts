import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import * as TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, credentials, ignore, long, plain, refusal, type SdkClient, tableOf } from "./tablestore-server.js";

let folder: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tablestore-kill-"));
  await build({
    entryPoints: [join(import.meta.dirname, "tablestore-process.ts")],
    outfile: join(folder, "server.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    packages: "external",
    logLevel: "error",
  });
});
afterAll(async () => {
  if (child) await kill(child);
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<SdkClient> {
  const keys = [credentials.accessKeyId, credentials.accessKeySecret];
  child = fork(join(folder, "server.cjs"), [join(folder, "data"), ...keys], {
    // The bundle lies outside the repository and finds its packages by this path.
    env: { ...process.env, NODE_PATH: join(process.cwd(), "node_modules") },
  });
  const [port] = await once(child, "message");
  return connect(Number(port));
}

async function kill(victim: ChildProcess): Promise<void> {
  if (victim.exitCode !== null || victim.signalCode !== null) return;
  const gone = once(victim, "exit");
  victim.kill("SIGKILL");
  await gone;
}

const keyOf = (id: string) => ({ tableName: "survivors", primaryKey: [{ p: id }] });
const fresh = new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_NOT_EXIST, null);

/** Writes until the server is gone: a row per turn, and a counter that must never run behind. */
async function writer(client: SdkClient, name: string, acknowledged: Map<string, number>): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      const attributeColumns = [{ v: `${name}-${n}` }];
      await client.putRow({ ...keyOf(`${name}/${n}`), condition: fresh, attributeColumns });
      const updateOfAttributeColumns = [{ INCREMENT: [{ n: long(1) }] }];
      await client.updateRow({ ...keyOf(`count/${name}`), condition: ignore(), updateOfAttributeColumns });
      acknowledged.set(name, n);
    } catch {
      return;
    }
  }
}

describe("A Tablestore that is killed", () => {
  it("has every acknowledged row after the restart, three times over", async () => {
    let client = await start();
    await client.createTable(tableOf("survivors", { p: "STRING" }));
    for (let round = 0; round < 3; round++) {
      const acknowledged = new Map<string, number>();
      const writers = Array.from({ length: 8 }, (_, at) => writer(client, `${round}-${at}`, acknowledged));
      while (acknowledged.size < writers.length) await sleep(20);
      await sleep(200);
      if (child) await kill(child);
      await Promise.all(writers);
      client = await start();
      expect(acknowledged.size).toBe(8);
      for (const [name, count] of acknowledged) {
        const counted = Number(String(plain((await client.getRow(keyOf(`count/${name}`))).row).n).replace("n", ""));
        // One more may have been done whose answer was lost.
        expect([count, count + 1]).toContain(counted);
        const rows = Array.from({ length: count }, (_, at) => [{ p: `${name}/${at + 1}` }]);
        for (let at = 0; at < rows.length; at += 100) {
          const primaryKey = rows.slice(at, at + 100);
          const { tables } = await client.batchGetRow({ tables: [{ tableName: "survivors", primaryKey }] });
          expect(tables[0]?.map((row) => plain(row).v)).toEqual(primaryKey.map((_, n) => `${name}-${at + n + 1}`));
        }
      }
    }
    const existing = client.putRow({ ...keyOf("0-0/1"), condition: fresh, attributeColumns: [] });
    expect((await refusal(existing)).code).toBe("OTSConditionCheckFail");
  });
});
