import { readdir, stat } from "node:fs/promises";
import path from "node:path";

const LOOK_MS = 500;

/**
 * Calls back when the files of a folder have changed and are at rest again: a build removes the folder and puts another
 * in its place, so it is looked at rather than watched.
 *
 * @returns ends it
 */
export function watchFunctions(folder: string, changed: () => void): () => void {
  let known: string | null = null;
  let last: string | null = null;
  let ended = false;
  let timer: NodeJS.Timeout;
  const poll = async () => {
    const seen = await stateOf(folder);
    const isAtRest = seen !== null && seen === last;
    if (isAtRest && known !== null && seen !== known) changed();
    if (isAtRest) known = seen;
    last = seen;
    if (!ended) timer = setTimeout(poll, LOOK_MS);
  };
  void poll();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Names, sizes and times of all files; null while the folder is not there. */
async function stateOf(folder: string): Promise<string | null> {
  try {
    const names = (await readdir(folder, { recursive: true })).sort();
    const files = await Promise.all(
      names.map(async (name) => {
        const { size, mtimeMs, ino } = await stat(path.join(folder, name));
        return `${name} ${size} ${mtimeMs} ${ino}`;
      }),
    );
    return files.join("\n");
  } catch {
    return null;
  }
}
