import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import OSS from "ali-oss";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ossKeyBoundsOf } from "../../../infra/local/oss/keys.js";
import { openStore } from "../../../infra/local/store/store.js";
import { credentials } from "./oss-server.js";

const ROUNDS = 4;
const repository = resolve(import.meta.dirname, "../../..");
let folder: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oss-crash-"));
  await build({
    entryPoints: [resolve(import.meta.dirname, "oss-process.ts")],
    outfile: join(folder, "oss-process.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["classic-level"],
    logLevel: "error",
  });
});
afterAll(async () => {
  running?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<{ client: OSS; child: ChildProcess }> {
  const child = fork(join(folder, "oss-process.cjs"), [join(folder, "data")], {
    env: { ...process.env, NODE_PATH: join(repository, "node_modules") },
  });
  running = child;
  const [port] = (await once(child, "message")) as [number];
  const { accessKeyId, accessKeySecret } = credentials;
  const options = {
    endpoint: `http://localhost:${port}`,
    sldEnable: true,
    bucket: "landing",
    accessKeyId,
    accessKeySecret,
  };
  return { child, client: new OSS(options as OSS.Options) };
}

const digest = (data: Buffer) => createHash("md5").update(data).digest("hex");

it("keeps every acknowledged object when it is killed, each with its event, and leaves no bytes of the others", async () => {
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, client } = await start();
    await client.putBucket("landing" as never);
    const write = async (writer: number) => {
      for (let turn = 0; ; turn += 1) {
        const name = `${round}/${writer}/${turn}`;
        const data = randomBytes(turn % 3 === 0 ? randomInt(4_000_000, 9_000_000) : randomInt(100_000));
        await client.put(name, data);
        acknowledged.set(name, digest(data));
      }
    };
    const writers = [0, 1, 2].map((writer) => write(writer).catch(() => undefined));
    // However busy the machine is, something has to be there to be kept.
    const before = acknowledged.size;
    while (acknowledged.size < before + 2) await sleep(20);
    await sleep(randomInt(300, 900));
    child.kill("SIGKILL");
    await once(child, "exit");
    await Promise.all(writers);
  }
  const { child, client } = await start();
  expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  for (const [name, md5] of acknowledged) expect(digest((await client.get(name)).content as Buffer)).toBe(md5);
  child.kill("SIGTERM");
  await once(child, "exit");
  await checkStore([...acknowledged.keys()]);
});

async function checkStore(acknowledged: readonly string[]): Promise<void> {
  const store = await openStore(join(folder, "data"));
  try {
    const count = async (range: { gte: Buffer; lt: Buffer }) => {
      const keys: string[] = [];
      for await (const [key] of store.range(range)) keys.push(key.toString("latin1"));
      return keys;
    };
    const objects = await count(ossKeyBoundsOf("object"));
    const events = await count({ gte: Buffer.from("event"), lt: Buffer.from("evenu") });
    expect(events).toHaveLength(objects.length);
    expect(objects.length).toBeGreaterThanOrEqual(acknowledged.length);
    const contents = new Set((await count(ossKeyBoundsOf("content"))).map((key) => key.slice(2)));
    const orphans = (await count(ossKeyBoundsOf("chunk"))).filter((key) => !contents.has(key.slice(2, -4)));
    expect(orphans).toEqual([]);
    expect(contents.size).toBe(objects.length);
  } finally {
    await store.close();
  }
}
