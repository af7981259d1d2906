import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiAddress } from "../../shared/api/client/send.js";
import { UserError } from "../../shared/model/errors.js";
import { type Control, openControl } from "../local/control.js";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../local/main.js";
import type { LocalCredentials } from "../local/service.js";
import { BadInput } from "./bad-input.js";
import {
  answers,
  lastPorts,
  localFile,
  localKeys,
  type Occupant,
  occupantOf,
  occupy,
  rememberPorts,
  tokenHash,
  vacate,
  writePrivate,
} from "./local-folder.js";
import { localOss } from "./local-oss.js";
import { watchFunctions } from "./watch-functions.js";

type Ports = NonNullable<LocalCloudOptions["ports"]>;

/** How to start Sluice here. */
export interface LocalOptions {
  /** Data folder; made when absent. */
  readonly folder: string;
  /** Other commands may use it as long as it runs. */
  readonly shared?: boolean;
  /** Throw away the data of earlier starts. */
  readonly fresh?: boolean;
  /** Ports that must be these; the others are those of the last start where they are free, else any. */
  readonly ports?: Ports;
  /** Told every line that a function logs. */
  readonly onLog?: NonNullable<LocalCloudOptions["onLog"]>;
  /** Load functions anew when they were built again, and tell. */
  readonly onReload?: () => void;
}

/** Sluice, running here. */
export interface SluiceLocal {
  readonly folder: string;
  readonly address: ApiAddress;
  readonly endpoints: LocalCloud["endpoints"];
  readonly credentials: LocalCredentials;
  /** File with endpoints and credentials, for other tools; only its owner may read it. */
  readonly credentialsFile: string;
  /** Tablestore instance of Sluice's own tables. */
  readonly instance: string;
  /** Sluice's own bucket and the landing bucket. */
  readonly buckets: readonly string[];
  /** Stops the local cloud; what it acknowledged is on disk. */
  close(): Promise<void>;
}

/** The installed package: this file, and each bundle made of it, lies two folders below. */
export const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const functionsFolder = path.join(packageFolder, "dist/functions");
const INSTANCE = "sluice-dev";
const OWN_BUCKET = "sluice-dev";

/** Bucket whose uploads under `landing/` start subscribed jobs. */
export const landingBucket = "sluice-dev-landing";

/**
 * Starts the local cloud on a data folder and Sluice in it, complete: keys, tables, buckets.
 *
 * @throws BadInput when another process uses the folder or a port, or the folder cannot be written
 */
export async function startSluiceLocal(options: LocalOptions): Promise<SluiceLocal> {
  return startInFolder(options).catch((error: unknown) => {
    throw unusableFolder(options.folder, error) ?? error;
  });
}

/** What the operating system says about a folder that is read-only, full, or no folder. */
const folderErrors = new Set<unknown>(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR", "EEXIST"]);

function unusableFolder(folder: string, error: unknown): BadInput | null {
  if (!(error instanceof Error && "code" in error && folderErrors.has(error.code))) return null;
  const hint = "Choose a folder on a disk with room, which you may write to, with --data.";
  return new BadInput(`the data folder ${folder} cannot be used: ${error.message}`, hint, { cause: error });
}

async function startInFolder(options: LocalOptions): Promise<SluiceLocal> {
  const { folder } = options;
  await refuseSecond(folder);
  const keys = await localKeys(folder);
  if (options.fresh) await rm(localFile(folder, "store"), { recursive: true, force: true });
  const cloud = await startCloud(options, {
    SLUICE_API_TOKEN_HASH: tokenHash(keys.token),
    SLUICE_MASTER_KEY: keys.masterKey,
    SLUICE_AUTO_BOOTSTRAP: "1",
  });
  try {
    return await furnish(options, cloud, keys.token);
  } catch (error) {
    await vacate(folder);
    await cloud.close();
    throw error;
  }
}

/** Leaves the notes that other commands and tools need, and creates what nobody else does. */
async function furnish(options: LocalOptions, cloud: LocalCloud, token: string): Promise<SluiceLocal> {
  const { folder, shared = false } = options;
  const { endpoints, credentials } = cloud;
  const address = { endpoint: endpoints.api, token };
  const credentialsFile = localFile(folder, "credentials");
  await rememberPorts(folder, endpoints);
  const control = shared ? await takeOrders(cloud) : null;
  const unwatch = options.onReload && watchFunctions(functionsFolder, () => reload(cloud, options));
  await occupy(folder, { pid: process.pid, shared, address, ...(control && { control: control.note }) });
  await writePrivate(credentialsFile, { endpoints, credentials, instance: INSTANCE, api: address });
  await localOss(endpoints.oss, credentials).putBucket(landingBucket);
  return {
    folder,
    address,
    endpoints,
    credentials,
    credentialsFile,
    instance: INSTANCE,
    buckets: [OWN_BUCKET, landingBucket],
    async close() {
      await vacate(folder);
      unwatch?.();
      await Promise.all([control?.close(), cloud.close()]);
    },
  };
}

function reload(cloud: LocalCloud, { onReload }: LocalOptions): void {
  cloud.reload();
  onReload?.();
}

/** Opens the control interface under a token of this start. */
async function takeOrders(cloud: LocalCloud): Promise<Pick<Control, "close"> & { note: Occupant["control"] & object }> {
  const token = randomBytes(24).toString("base64url");
  const { endpoint, close } = await openControl(cloud, token);
  return { note: { endpoint, token }, close };
}

/** The address of a shared local cloud that runs on the folder; null = none does. */
export async function runningLocal(folder: string): Promise<ApiAddress | null> {
  const occupant = await occupantOf(folder);
  return occupant?.shared && (await answers(occupant.address)) ? occupant.address : null;
}

async function refuseSecond(folder: string): Promise<void> {
  const occupant = await occupantOf(folder);
  if (occupant && (await answers(occupant.address))) throw inUse(folder, occupant);
}

function inUse(folder: string, occupant: Occupant | null, cause?: unknown): BadInput {
  const who = occupant === null ? "another process" : `process ${occupant.pid}`;
  const where = occupant?.shared ? ` and answers at ${occupant.address.endpoint}` : "";
  const hint = occupant?.shared
    ? "Use that one, stop it with Ctrl-C, or choose another folder with --data."
    : "Wait until it ends, choose another folder with --data, or keep one running for all commands: sluice local.";
  return new BadInput(`the local cloud of ${folder} already runs: ${who} uses it${where}`, hint, { cause });
}

/** Ports stay the same from start to start, so that data sources that lead into the local cloud keep working. */
async function startCloud(options: LocalOptions, environment: Record<string, string>): Promise<LocalCloud> {
  const { folder, ports = {}, onLog } = options;
  const start = (wanted: Ports): Promise<LocalCloud> =>
    startLocalCloud({
      folder: localFile(folder, "store"),
      manifestFile: path.join(packageFolder, "s.yaml"),
      functionsFolder,
      workerFile: path.join(packageFolder, "dist/local/worker.js"),
      ports: wanted,
      environment,
      ...(onLog && { onLog }),
    });
  try {
    return await start({ ...(await lastPorts(folder)), ...ports }).catch((error: unknown) => {
      if (isAbout(error, "folder")) throw error;
      return start(ports);
    });
  } catch (error) {
    if (isAbout(error, "folder")) throw inUse(folder, await occupantOf(folder), error);
    if (!(error instanceof UserError)) throw error;
    throw new BadInput(error.message, startHints[error.path ?? ""] ?? error.hint, { cause: error });
  }
}

/** What to do when a part of the local cloud cannot be opened, by the part. */
const startHints: Readonly<Record<string, string>> = {
  port: "Choose another port, or leave the option away: any free one is taken then.",
  store: "If the disk is full, make room. What is damaged can be thrown away, with all data of the folder, by --fresh.",
};

function isAbout(error: unknown, path: string): boolean {
  return error instanceof UserError && error.path === path;
}
