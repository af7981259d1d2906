import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../../infra/local/main.js";
import { patience } from "../../servers/pace.mjs";

/** What `@alicloud/fc2` offers, as far as the tests use it; the package has no types. */
export interface Fc2 {
  version: string;
  invokeFunction(
    service: string,
    name: string,
    event: string | Buffer | null,
    headers?: Record<string, string>,
    qualifier?: string,
    options?: { rawBuf?: boolean },
  ): Promise<Fc2Answer>;
  request(
    method: string,
    path: string,
    query?: Record<string, string> | null,
    body?: string | Buffer | null,
    headers?: Record<string, string>,
    options?: { rawBuf?: boolean },
  ): Promise<Fc2Answer>;
}

/** Bodies are text, bytes or parsed JSON, whatever the call asked for. */
export interface Fc2Answer {
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own answer has no shape that could be named
  data: any;
}

type Fc2Class = new (accountId: string, config: Record<string, unknown>) => Fc2;
const FC2: Fc2Class = createRequire(import.meta.url)("@alicloud/fc2");

/** A local cloud in a temporary folder, with functions written for one test file. */
export interface Stage {
  readonly folder: string;
  readonly options: LocalCloudOptions;
  cloud: LocalCloud;
  /** Lines that functions and platform wrote. */
  readonly lines: string[];
  /** The unmodified SDK, switched to FC 3.0's paths when asked to. */
  client(version?: string): Fc2;
  /** Invokes by the older path. */
  invoke(name: string, event?: unknown, headers?: Record<string, string>): Promise<Fc2Answer>;
  /** Accepts an async request by the newer path. */
  later(name: string, event: unknown, headers?: Record<string, string>): Promise<Fc2Answer>;
  close(): Promise<void>;
}

/** @param handlers  CommonJS sources by file name without `.js`; @param manifest  the text of `resources:` and below */
export async function stage(
  handlers: Record<string, string>,
  manifest: string,
  options: Partial<LocalCloudOptions> = {},
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-fc-"));
  const functionsFolder = join(folder, "functions");
  await mkdir(functionsFolder);
  for (const [name, text] of Object.entries(handlers)) await writeFile(join(functionsFolder, `${name}.js`), text);
  const manifestFile = join(folder, "s.yaml");
  await writeFile(manifestFile, `edition: 3.0.0\nname: t\n${manifest}`);
  const workerFile = join(folder, "worker.js");
  await buildWorker(workerFile);
  const lines: string[] = [];
  const all: LocalCloudOptions = {
    folder: join(folder, "data"),
    manifestFile,
    functionsFolder,
    workerFile,
    timers: false,
    onLog: ({ line }) => void lines.push(line),
    ...options,
  };
  const cloud = await startLocalCloud(all);
  const result: Stage = {
    folder,
    options: all,
    cloud,
    lines,
    client: (version) => clientOf(result.cloud, version),
    invoke: (name, event = {}, headers = {}) =>
      result.client().invokeFunction("svc", name, JSON.stringify(event), headers),
    later: (name, event, headers = {}) =>
      result.client("2023-03-30").request("POST", `/functions/${name}/invocations`, null, JSON.stringify(event), {
        "x-fc-invocation-type": "Async",
        ...headers,
      }),
    async close() {
      await result.cloud.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return result;
}

export async function buildWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: [resolve("infra/local/fc/worker.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    outfile,
    logLevel: "error",
  });
}

export function clientOf(cloud: Pick<LocalCloud, "endpoints" | "credentials" | "region">, version?: string): Fc2 {
  const { accountId, accessKeyId: accessKeyID, accessKeySecret } = cloud.credentials;
  const client = new FC2(accountId, {
    accessKeyID,
    accessKeySecret,
    region: cloud.region,
    endpoint: cloud.endpoints.fc,
    timeout: patience(3_000),
  });
  if (version) client.version = version;
  return client;
}

/** A resource of the manifest. @param more  further props, one per line, indented by six */
export function resource(name: string, handler: string, more = ""): string {
  return `
  ${name}:
    component: fc3
    props:
      functionName: ${name}
      region: cn-hangzhou
      runtime: nodejs20
      code: ./functions
      handler: ${handler}
${more}`;
}

/** Waits until a condition holds, looking every 20 ms. */
export async function until(condition: () => unknown | Promise<unknown>): Promise<void> {
  const limitMs = patience(3_000);
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not so after ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
