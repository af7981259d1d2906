import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, count, digest, type MysqlStage, openMysqlStage, remake } from "../e2e/mysql-copies.js";

let stage: MysqlStage;
let folder: string;

/** Sluice whose shards have eight seconds to live. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sluice-manifest-"));
  const manifest = await readFile(path.resolve(import.meta.dirname, "../../s.yaml"), "utf8");
  const manifestFile = path.join(folder, "s.yaml");
  await writeFile(manifestFile, manifest.replace("timeout: 7200", "timeout: 8"));
  stage = await openMysqlStage({ manifestFile });
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a table that takes longer than a function may live", () => {
  it("is handed from shard to shard without losing or repeating a record", async () => {
    await remake(stage.source, "steady", "(id INT PRIMARY KEY, text VARCHAR(1000))");
    await stage.source.query("INSERT INTO steady SELECT seq, REPEAT('y', 990) FROM seq_1_to_16000");
    await remake(stage.target, "steady", "(id INT, text VARCHAR(1000))");
    const speed = { throttle: true, mbps: "1", concurrent: 1 };
    const { run, splits } = await stage.sluice.run(copy("steady", { speed }));
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 16_000, written: 16_000 } });
    expect(new Set(splits.map(({ owner }) => owner)).size).toBeGreaterThanOrEqual(3);
    expect(splits.every(({ failures }) => failures === 0)).toBe(true);
    expect(await digest(stage.target, "steady")).toBe(await digest(stage.source, "steady"));
  });

  it("fails with advice when it has no key to go on by, instead of beginning again for ever", async () => {
    await stage.source.query("CREATE TABLE keyless (id INT, text VARCHAR(1000))");
    await stage.source.query("INSERT INTO keyless SELECT seq, REPEAT('y', 990) FROM seq_1_to_16000");
    await stage.target.query("CREATE TABLE keyless (id INT, text VARCHAR(1000))");
    const speed = { throttle: true, mbps: "1", concurrent: 1 };
    const { run } = await stage.sluice.run(copy("keyless", { speed }));
    expect(run).toMatchObject({ state: "failed", error: { code: "SPLIT_FAILED" }, counters: { written: 0 } });
    expect(run.error?.message).toContain("give the table a key");
    expect(await count(stage.target, "keyless")).toBe(0);
  });
});
