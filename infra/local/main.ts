import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../shared/model/errors.js";
import { type Callers, createCallers, type RecordedCall } from "./callers.js";
import { createClock, type LocalClock } from "./clock.js";
import { loadCredentials, roleCredentials } from "./credentials.js";
import { createFaults, type FaultList } from "./fault-list.js";
import type { LogListener } from "./fc/logs.js";
import { createFunctionCompute, type FunctionCompute } from "./fc/server.js";
import { createKillPoints, type KillPoint, type KillPoints } from "./kill-points.js";
import { type FunctionSpec, readManifest } from "./manifest.js";
import { createMaxcompute } from "./maxcompute/server.js";
import { createOss, ossServerOptions } from "./oss/server.js";
import { type LoopbackPort, openPort } from "./ports.js";
import { keepPrivate, makePrivate } from "./private-files.js";
import type { LocalCredentials, Service, ServiceContext } from "./service.js";
import { openStore, type Store } from "./store/store.js";
import { createTablestore } from "./tablestore/server.js";

/** The addresses of the local cloud. */
const names = ["api", "fc", "tablestore", "oss", "maxcompute"] as const;
type ServiceName = (typeof names)[number];

/** How a local cloud is started. */
export interface LocalCloudOptions {
  /** Holds everything that lasts; made when absent. One local cloud at a time may own it. */
  readonly folder: string;
  /** The Serverless Devs file that declares the functions. */
  readonly manifestFile: string;
  /** Folder of the built functions: takes the place of `code` in the manifest. */
  readonly functionsFolder: string;
  /** The built `fc/worker.ts`; the default is the one in `dist/local`. */
  readonly workerFile?: string;
  /** Ports that must be these; others are picked freely. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  /** Values for the manifest's `env(…)`; they win over the local cloud's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** false = writes are acknowledged before the disk has them: for tests that kill nothing. */
  readonly sync?: boolean;
  readonly onLog?: LogListener;
  /** false = timers ring only by {@link LocalCloud.tick}. */
  readonly timers?: boolean;
  /** How long an instance without work is kept. */
  readonly idleMs?: number;
}

/** A running local cloud. */
export interface LocalCloud
  extends Pick<FunctionCompute, "killInstances" | "tick" | "deliverAgain" | "functions" | "reload" | "logs"> {
  /** URLs without a path; that of MaxCompute has one, `/api`. */
  readonly endpoints: Readonly<Record<ServiceName, string>>;
  /** The account's own key. */
  readonly credentials: LocalCredentials;
  readonly region: string;
  /** Values that the manifest's `env(…)` took: how functions, and whoever acts like one, find the services. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: LocalClock;
  readonly faults: FaultList;
  /** Kills the instance of a function that comes to a named point. @throws UserError NOT_FOUND for an unknown function */
  killAt(functionName: string, point: KillPoint): void;
  /** The kills of {@link killAt} that have not happened. */
  readonly kills: Pick<KillPoints, "list" | "clear">;
  /** What was called, by caller. */
  calls(): RecordedCall[];
  /** Ends functions and services. What was acknowledged lasts, and queued work goes on with the next start. */
  close(): Promise<void>;
}

const REGION = "cn-hangzhou";

/**
 * Starts Tablestore, OSS and Function Compute on loopback ports, durable in one folder, with the functions that the
 * manifest declares.
 *
 * @throws UserError CONFIG_INVALID when another local cloud owns the folder, a port is taken, or the manifest is wrong
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const store = await openOwnStore(options);
  const opened: LoopbackPort[] = [];
  try {
    const credentials = await loadCredentials(options.folder);
    const ports = await openPorts(options.ports ?? {}, opened);
    const environment = environmentOf(ports, options);
    const text = await readFile(options.manifestFile, "utf8");
    const functions = readManifest(text, { environment, accountId: credentials.accountId });
    const callers = createCallers(credentials, new Set(functions.map((spec) => spec.name)));
    const clock = createClock();
    const faults = createFaults();
    const kills = createKillPoints(faults, callers.current, (id) => services.fc.killInstance(id));
    const parts = {
      store,
      callers,
      account: credentials,
      functions,
      clock,
      faults,
      kills,
      region: environment.SLUICE_REGION ?? REGION,
    };
    const services: Services = createServices(options, parts);
    connect(ports, services, callers);
    await services.fc.start();
    return handleOf(parts, services, { ports, credentials, environment, store });
  } catch (error) {
    await Promise.all(opened.map((port) => port.close()));
    await store.close();
    throw error;
  }
}

async function openOwnStore({ folder, sync = true }: LocalCloudOptions): Promise<Store> {
  keepPrivate();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await makePrivate(folder);
  try {
    return await openStore(join(folder, "db"), { sync });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.cause : null;
    if (!(reason instanceof Error && "code" in reason)) throw cause;
    if (reason.code !== "LEVEL_LOCKED") {
      throw new UserError("CONFIG_INVALID", `the store in ${folder} cannot be opened: ${reason.message}`, {
        cause,
        path: "store",
      });
    }
    const message = `the folder ${folder} belongs to a local cloud that is running: stop it, or choose another folder`;
    throw new UserError("CONFIG_INVALID", message, { cause, path: "folder" });
  }
}

/** @param opened  gets every port as it opens, so that a failure in between can close them */
async function openPorts(
  wanted: NonNullable<LocalCloudOptions["ports"]>,
  opened: LoopbackPort[],
): Promise<Record<ServiceName, LoopbackPort>> {
  const open = async (name: ServiceName) => {
    // Clients keep connections for a minute or so: one that the server ends first meets their next request.
    const port = await openPort(
      wanted[name] ?? 0,
      name === "oss"
        ? ossServerOptions
        : { keepAliveTimeout: 75_000, ...(name === "maxcompute" && { requestTimeout: 0 }) },
    );
    opened.push(port);
    return port;
  };
  return {
    ...{ api: await open("api"), fc: await open("fc"), tablestore: await open("tablestore") },
    ...{ oss: await open("oss"), maxcompute: await open("maxcompute") },
  };
}

/** In digits, since a client that sees a name puts the bucket in front of it, where nothing answers. */
function endpointsOf(ports: Readonly<Record<ServiceName, LoopbackPort>>): Record<ServiceName, string> {
  const url = (name: ServiceName) => `http://127.0.0.1:${ports[name].port}`;
  return {
    ...{ api: url("api"), fc: url("fc"), tablestore: url("tablestore"), oss: url("oss") },
    maxcompute: `${url("maxcompute")}/api`,
  };
}

function environmentOf(
  ports: Readonly<Record<ServiceName, LoopbackPort>>,
  { environment = {} }: LocalCloudOptions,
): Record<string, string> {
  const { fc, tablestore, oss } = endpointsOf(ports);
  return {
    SLUICE_REGION: REGION,
    SLUICE_STAGE: "dev",
    SLUICE_OTS_ENDPOINT: tablestore,
    SLUICE_OTS_INSTANCE: "sluice-dev",
    SLUICE_OSS_ENDPOINT: oss,
    SLUICE_OSS_BUCKET: "sluice-dev",
    SLUICE_FC_ENDPOINT: fc,
    ...environment,
  };
}

interface Parts {
  readonly store: Store;
  readonly account: LocalCredentials;
  readonly functions: readonly FunctionSpec[];
  readonly callers: Callers;
  readonly clock: LocalClock;
  readonly faults: FaultList;
  readonly kills: KillPoints;
  readonly region: string;
}

interface Services {
  readonly fc: FunctionCompute;
  readonly tablestore: Service;
  readonly oss: Service;
  readonly maxcompute: Service;
}

function createServices(
  options: LocalCloudOptions,
  { store, account, functions, callers, clock, kills, region }: Parts,
): Services {
  const { credentials, onCall } = callers;
  const context: ServiceContext = { store, credentials, region, now: clock.now, faults: kills, onCall };
  const fc = createFunctionCompute({
    context,
    clock,
    functions,
    functionsFolder: resolve(options.functionsFolder),
    workerFile: workerFileOf(options),
    credentialsOf: (name, instanceId) => roleCredentials(account, name, instanceId),
    onLog: options.onLog,
    timers: options.timers ?? true,
    idleMs: options.idleMs,
  });
  const maxcompute = createMaxcompute(context);
  return { fc, tablestore: createTablestore(context), oss: createOss(context, fc.emit), maxcompute };
}

/** Programs are built into folders of `dist/`, and this source lies as deep: either way the worker is found from here. */
function workerFileOf({ workerFile }: LocalCloudOptions): string {
  const file = resolve(workerFile ?? fileURLToPath(new URL("../../dist/local/worker.js", import.meta.url)));
  if (existsSync(file)) return file;
  throw new UserError("CONFIG_INVALID", `the built worker ${file} is missing: run npm run build`);
}

function connect(ports: Readonly<Record<ServiceName, LoopbackPort>>, services: Services, callers: Callers): void {
  const { fc, tablestore, oss, maxcompute } = services;
  const byName = { api: fc.http, fc: fc.api, tablestore, oss, maxcompute } satisfies Record<ServiceName, Service>;
  for (const name of names) ports[name].serve((request, response) => callers.handle(byName[name], request, response));
}

interface Surroundings {
  readonly ports: Readonly<Record<ServiceName, LoopbackPort>>;
  readonly credentials: LocalCredentials;
  readonly environment: Record<string, string>;
  readonly store: Store;
}

function handleOf(
  { callers, clock, faults, kills, region }: Parts,
  services: Services,
  around: Surroundings,
): LocalCloud {
  const { fc, tablestore, oss, maxcompute } = services;
  const { ports, credentials, environment, store } = around;
  const close = async () => {
    await Promise.all([fc.close(), ...names.map((name) => ports[name].close())]);
    await Promise.all([tablestore.close?.(), oss.close?.(), maxcompute.close?.()]);
    await store.close();
  };
  let closing: Promise<void> | undefined;
  return {
    endpoints: endpointsOf(ports),
    credentials,
    region,
    environment,
    clock,
    faults,
    kills,
    killAt(functionName, point) {
      const isKnown = fc.functions().some(({ name }) => name === functionName);
      if (!isKnown) throw new UserError("NOT_FOUND", `no function is named ${functionName}`);
      kills.add(functionName, point);
    },
    calls: callers.calls,
    killInstances: fc.killInstances,
    tick: fc.tick,
    deliverAgain: fc.deliverAgain,
    functions: fc.functions,
    reload: fc.reload,
    logs: fc.logs,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
