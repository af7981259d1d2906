import { type ChildProcess, execFile, fork } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../../infra/local/main.js";
import { buildWorker, clientOf, resource, stage, until } from "./fc-cloud.js";

const NOTE = `
  const fs = require("node:fs");
  const ends = () => fs.readFileSync(process.env.NOTES, "utf8").split("end ").length - 1;
  exports.note = async (event, context) => {
    const { n, ms } = JSON.parse(event.toString());
    if (ms === "forever") { fs.appendFileSync(process.env.NOTES, "pid " + process.pid + "\\n"); for (;;); }
    fs.appendFileSync(process.env.NOTES, "start " + n + "\\n");
    await new Promise((r) => setTimeout(r, ms));
    // After a few of them a request waits until the test opens the gate.
    while (ends() >= 4 && !fs.existsSync(process.env.NOTES + "-gate")) await new Promise((r) => setTimeout(r, 10));
    fs.appendFileSync(process.env.NOTES, "end " + n + "\\n");
  };
  exports.spin = async () => { for (;;); };
`;
const manifest = `edition: 3.0.0
resources:
${resource(
  "note",
  "note.note",
  `      timeout: 30
      environmentVariables: { NOTES: "\${env('NOTES')}" }
      concurrencyConfig: { reservedConcurrency: 2 }
      asyncInvokeConfig: { asyncTask: true, maxAsyncRetryAttempts: 0 }
`,
)}
`;

type Handle = Pick<LocalCloud, "endpoints" | "credentials" | "region">;

describe("a local cloud in a process of its own", () => {
  let folder: string;
  let server: ChildProcess | null = null;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-lasting-"));
    await mkdir(join(folder, "functions"));
    await writeFile(join(folder, "functions/note.js"), NOTE);
    await writeFile(join(folder, "s.yaml"), manifest);
    await writeFile(join(folder, "notes"), "");
    await buildWorker(join(folder, "worker.js"));
    const program = `import { startLocalCloud } from ${JSON.stringify(resolve("infra/local/main.ts"))};
      const cloud = await startLocalCloud(JSON.parse(process.argv[2]));
      const { endpoints, credentials, region } = cloud;
      process.send({ endpoints, credentials, region });
      process.on("message", async () => { await cloud.close(); process.disconnect(); });`;
    await build({
      stdin: { contents: program, resolveDir: resolve("."), loader: "ts" },
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      external: ["classic-level"],
      banner: {
        js: `import { createRequire as cr } from "node:module"; const require = cr(${JSON.stringify(resolve("package.json"))});`,
      },
      plugins: [nativeByPath],
      outfile: join(folder, "server.mjs"),
      logLevel: "error",
    });
  });
  afterEach(async () => {
    server?.kill("SIGKILL");
    await until(() => !server || server.exitCode !== null || server.signalCode !== null);
    await rm(folder, { recursive: true, force: true });
  });

  function start(): Promise<Handle> {
    const options: LocalCloudOptions = {
      folder: join(folder, "data"),
      manifestFile: join(folder, "s.yaml"),
      functionsFolder: join(folder, "functions"),
      workerFile: join(folder, "worker.js"),
      environment: { NOTES: join(folder, "notes") },
      timers: false,
    };
    const child = fork(join(folder, "server.mjs"), [JSON.stringify(options)], { execArgv: [] });
    server = child;
    return new Promise((resolve, reject) => {
      child.once("message", (handle: Handle) => resolve(handle));
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
  }

  const ends = async () =>
    (await readFile(join(folder, "notes"), "utf8")).split("\n").filter((line) => line.startsWith("end"));
  const send = (handle: Handle, n: number, ms: number | "forever") =>
    clientOf(handle, "2023-03-30").request("POST", "/functions/note/invocations", null, JSON.stringify({ n, ms }), {
      "x-fc-invocation-type": "Async",
      "x-fc-async-task-id": `n${n}`,
    });

  test("killed in the middle of its work loses no accepted request and still refuses repeated ids", async () => {
    const handle = await start();
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(handle, n, 1)));
    await until(async () => (await ends()).length >= 4);
    server?.kill("SIGKILL");
    await until(() => server?.signalCode === "SIGKILL");
    expect((await ends()).length).toBeLessThan(20);
    await writeFile(join(folder, "notes-gate"), "");
    const again = await start();
    expect(again.credentials).toEqual(handle.credentials);
    await expect(send(again, 3, 1)).rejects.toThrow("409");
    await until(async () => new Set(await ends()).size === 20);
    await until(async () => {
      const { data } = await clientOf(again, "2023-03-30").request("GET", "/functions/note/async-tasks", {
        limit: "100",
        status: "Succeeded",
      });
      return data.tasks.length === 20;
    });
  });

  test("ends, at its next start, the endless loop that a kill left behind", async () => {
    const handle = await start();
    await send(handle, 1, "forever");
    await until(async () => (await readFile(join(folder, "notes"), "utf8")).includes("pid "));
    const pid = Number((await readFile(join(folder, "notes"), "utf8")).split(" ")[1]);
    server?.kill("SIGKILL");
    await until(() => server?.signalCode === "SIGKILL");
    const lives = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    expect(lives()).toBe(true);
    const again = await start();
    await until(() => !lives());
    const stop = "/functions/note/async-tasks/n1/stop";
    await clientOf(again, "2023-03-30").request("PUT", stop);
  });

  test("asked to end leaves unfinished work to the next start", async () => {
    const handle = await start();
    await send(handle, 1, 3000);
    await until(async () => (await readFile(join(folder, "notes"), "utf8")).includes("start 1"));
    server?.send("close");
    await until(() => server?.exitCode === 0);
    expect(await ends()).toEqual([]);
    await start();
    await until(async () => (await ends()).length === 1);
  });
});

/** The native part of the store is found by its own folder, so it stays where it is installed. */
const nativeByPath: import("esbuild").Plugin = {
  name: "native-by-path",
  setup(builder) {
    builder.onResolve({ filter: /^classic-level$/ }, () => ({
      path: createRequire(import.meta.url).resolve("classic-level"),
      external: true,
    }));
  },
};

describe("the folder", () => {
  test("belongs to one local cloud at a time; the second start says so", async () => {
    const it = await stage({ note: NOTE }, `resources:${resource("spin", "note.spin")}`, { sync: false });
    try {
      await expect(startLocalCloud(it.options)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("belongs to a local cloud that is running"),
      });
      const { mode } = await stat(join(it.folder, "data/credentials.json"));
      expect(mode & 0o777).toBe(0o600);
    } finally {
      await it.close();
    }
  });

  test("is free again after a start that failed, and after the end, even with a spinning function", async () => {
    const it = await stage({ note: NOTE }, `resources:${resource("spin", "note.spin", "      timeout: 86400\n")}`, {
      sync: false,
    });
    try {
      const spinning = it.invoke("spin").catch(() => undefined);
      await until(() => it.cloud.functions()[0]?.inFlight === 1);
      // Left alone it would spin for a day.
      await it.cloud.close();
      await spinning;
      await writeFile(it.options.manifestFile, "resources: { a: { component: fc3, props: {} } }");
      await expect(startLocalCloud(it.options)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await writeFile(it.options.manifestFile, `resources:${resource("spin", "note.spin")}`);
      it.cloud = await startLocalCloud(it.options);
    } finally {
      await it.close();
    }
  });

  test("is up as fast as a few processes start", async () => {
    const it = await stage({ note: NOTE }, `resources:${resource("spin", "note.spin")}`);
    try {
      // The best of three: the others may have met a busy machine.
      const tookMs: number[] = [];
      const bareMs: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        await it.cloud.close();
        const startedAt = performance.now();
        it.cloud = await startLocalCloud(it.options);
        tookMs.push(performance.now() - startedAt);
        const bareAt = performance.now();
        await promisify(execFile)(process.execPath, ["-e", "0"]);
        bareMs.push(performance.now() - bareAt);
      }
      expect(Math.min(...tookMs)).toBeLessThan(25 * Math.min(...bareMs));
    } finally {
      await it.close();
    }
  });
});

describe("callers", () => {
  test("are told apart by the role that signed, and use the services with its credentials", async () => {
    const CALLS = `
      const from = require("node:module").createRequire(${JSON.stringify(resolve("package.json"))});
      exports.handler = async (event, { credentials, accountId, region }) => {
        const { accessKeyId, accessKeySecret, securityToken: stsToken } = credentials;
        const FC = from("@alicloud/fc2"), OSS = from("ali-oss"), OTS = from("tablestore");
        const fc = new FC(accountId, { accessKeyID: accessKeyId, accessKeySecret, securityToken: stsToken, region, endpoint: process.env.FC });
        await fc.invokeFunction("svc", "other", "");
        const oss = new OSS({ accessKeyId, accessKeySecret, stsToken, endpoint: process.env.OSS, sldEnable: true, region: "oss-" + region, authorizationV4: true, refreshSTSTokenInterval: 1e9 });
        await oss.putBucket("mine");
        oss.useBucket("mine");
        await oss.put("a", Buffer.from("b"));
        const signed = await fetch(await oss.signatureUrlV4("GET", 60, {}, "a"));
        const ots = new OTS.Client({ accessKeyId, secretAccessKey: accessKeySecret, stsToken, endpoint: process.env.OTS, instancename: process.env.INSTANCE, maxRetries: 1 });
        const tables = await new Promise((done, fail) => ots.listTable({}, (error, data) => error ? fail(error) : done(data)));
        return { signed: await signed.text(), tables: tables.tableNames ?? tables.table_names };
      };
      exports.other = async () => "other";`;
    const variables = `      timeout: 30\n      environmentVariables: { FC: "\${env('SLUICE_FC_ENDPOINT')}", OSS: "\${env('SLUICE_OSS_ENDPOINT')}", OTS: "\${env('SLUICE_OTS_ENDPOINT')}", INSTANCE: "\${env('SLUICE_OTS_INSTANCE')}" }\n`;
    const it = await stage(
      { calls: CALLS },
      `resources:${resource("caller", "calls.handler", variables)}${resource("other", "calls.other")}`,
      { sync: false },
    );
    try {
      const { data, headers } = await it.invoke("caller");
      expect(headers["x-fc-error-type"], JSON.stringify(data)).toBeUndefined();
      expect(JSON.parse(data).signed).toBe("b");
      const seen = it.cloud.calls().map(({ caller, service, operation, count }) => [caller, service, operation, count]);
      expect(seen).toContainEqual([null, "fc", "InvokeFunction", 1]);
      expect(seen).toContainEqual(["caller", "fc", "InvokeFunction", 1]);
      expect(seen).toContainEqual(["caller", "tablestore", "ListTable", 1]);
      const byCaller = seen.filter(([caller, service]) => caller === "caller" && service === "oss");
      expect(byCaller.map(([, , operation]) => operation)).toEqual(expect.arrayContaining(["PutBucket", "PutObject"]));
      expect(seen.filter(([caller, service]) => caller === null && service !== "fc")).toEqual([]);
    } finally {
      await it.close();
    }
  });
});
