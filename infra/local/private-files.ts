import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

/** What this process and its children make from now on, only its owner may read: the database's own files as well, which take no mode. */
export function keepPrivate(): void {
  // A worker thread has the mask of its process and may not change it.
  if (isMainThread) process.umask(0o077);
}

/** Takes all rights of others from a folder and what is in it, as earlier versions have left it. */
export async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) await makePrivate(name);
    else if (entry.isFile()) await chmod(name, 0o600);
  }
}
