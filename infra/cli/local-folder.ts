import { createHash, randomBytes } from "node:crypto";
import { chmod, link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "../../shared/api/client/client.js";
import type { ApiAddress } from "../../shared/api/client/send.js";
import { BadInput } from "./bad-input.js";

/** What a data folder's Sluice needs to keep: without the master key its sealed secrets are lost. */
export interface LocalKeys {
  /** Bearer token of the API. */
  readonly token: string;
  /** 32 bytes, base64. */
  readonly masterKey: string;
}

/** Who uses a data folder now. */
export interface Occupant {
  readonly pid: number;
  /** Others may use it: it stays until it is told to stop. An unshared one serves a single command. */
  readonly shared: boolean;
  readonly address: ApiAddress;
  /** Where a shared one takes orders: faults, kills, its clock. */
  readonly control?: { readonly endpoint: string; readonly token: string };
}

/** The folder's own files; `store` belongs to the local cloud. */
const files = {
  keys: "keys.json",
  ports: "ports.json",
  occupant: "running.json",
  credentials: "credentials.json",
  store: "cloud",
} as const;

/** Only the owner may read what opens the API and the secrets. */
const PRIVATE = 0o600;

/** Path of one of the folder's files. */
export function localFile(folder: string, file: keyof typeof files): string {
  return path.join(folder, files[file]);
}

/** Reads the folder's keys, making them, and the folder, at the first start. */
export async function localKeys(folder: string): Promise<LocalKeys> {
  await makeFolder(path.resolve(folder));
  await closeFolder(folder);
  const file = localFile(folder, "keys");
  const fresh: LocalKeys = {
    token: randomBytes(24).toString("base64url"),
    masterKey: randomBytes(32).toString("base64"),
  };
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    // Whole or not at all: on a full disk a half-written file would stand in the way of every later start.
    await writeFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: PRIVATE, flag: "wx" });
    await link(draft, file);
    // Data of a project's working folder must not end up in its repository.
    await writeFile(path.join(folder, ".gitignore"), "*\n", { mode: PRIVATE });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return readJson<LocalKeys>(file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Makes a folder and those above it. Node's own way of doing so goes on for ever where nothing can be made, as in `/proc`. */
async function makeFolder(folder: string, wanted = folder): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await isFolder(folder))) return;
    if (code !== "ENOENT") throw error;
    const above = path.dirname(folder);
    if (await isFolder(above))
      throw new BadInput(
        `the data folder ${wanted} cannot be used: nothing can be made in ${above}`,
        "Choose a folder on a disk, which you may write to, with --data.",
        { cause: error },
      );
    await makeFolder(above, wanted);
    await makeFolder(folder, wanted);
  }
}

/** Takes the rights of others from a folder that holds nothing but ours: one of a project may be meant by mistake. */
async function closeFolder(folder: string): Promise<void> {
  const ours = new Set<string>([...Object.values(files), ".gitignore"]);
  const found = await readdir(folder);
  for (const name of found) if (ours.has(name) && name !== files.store) await chmod(path.join(folder, name), PRIVATE);
  if (found.every((name) => ours.has(name) || name.startsWith(`${files.keys}.`))) await chmod(folder, 0o700);
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** What the API compares a token with: SHA-256, hex. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Writes a file that only its owner may read, also when it was there before with other rights. */
export async function writePrivate(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: PRIVATE });
  await chmod(file, PRIVATE);
}

/** Keeps the ports of some endpoints for the next start. */
export async function rememberPorts(folder: string, endpoints: Readonly<Record<string, string>>): Promise<void> {
  const ports = Object.entries(endpoints).map(([name, url]) => [name, Number(new URL(url).port)] as const);
  await writePrivate(localFile(folder, "ports"), Object.fromEntries(ports));
}

/** The ports of the last start, by service; none before the first. */
export async function lastPorts(folder: string): Promise<Readonly<Record<string, number>>> {
  return readJson<Record<string, number>>(localFile(folder, "ports")).catch(() => ({}));
}

/** Puts a note in the folder about who uses it; the store's own lock is what keeps others out. */
export async function occupy(folder: string, occupant: Occupant): Promise<void> {
  await writePrivate(localFile(folder, "occupant"), occupant);
}

/** Takes the note away. */
export async function vacate(folder: string): Promise<void> {
  await rm(localFile(folder, "occupant"), { force: true });
}

/** Who uses the folder, when its process still lives; null = nobody. */
export async function occupantOf(folder: string): Promise<Occupant | null> {
  try {
    const occupant = await readJson<Occupant>(localFile(folder, "occupant"));
    process.kill(occupant.pid, 0);
    return occupant;
  } catch {
    return null;
  }
}

/** True when the API answers at an address. */
export async function answers(address: ApiAddress): Promise<boolean> {
  return createClient(address)
    .runs({ query: { limit: 1 } })
    .then(
      () => true,
      () => false,
    );
}

async function readJson<T>(file: string): Promise<T> {
  // Written by this module alone, and readable by the owner alone.
  return JSON.parse(await readFile(file, "utf8")) as T;
}
