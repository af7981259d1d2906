import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { keySpace } from "../service.js";
import type { Store } from "../store/store.js";

/** Key of an instance's process; the other kinds of FC's keys are in queue-rows.ts. */
function key(pid: number): Buffer {
  const bytes = Buffer.from([keySpace.fc, 0x04, 0, 0, 0, 0]);
  bytes.writeUInt32BE(pid, 2);
  return bytes;
}

/**
 * Writes down a process, so that the next start can end it if this one cannot: a process in an endless loop does not
 * notice that its server is gone. Nobody waits for the disk.
 *
 * @param mark  text in its command line that no other process has
 * @returns forgets it
 */
export function rememberProcess(store: Store, pid: number, mark: string): () => void {
  void store.write((tx) => tx.put(key(pid), Buffer.from(mark))).catch(() => undefined);
  return () => void store.write((tx) => tx.del(key(pid))).catch(() => undefined);
}

/** Ends what is left of an earlier server's processes. One that took over such a process id is left alone. */
export async function endOrphans(store: Store): Promise<void> {
  for await (const [bytes, mark] of store.range({ gte: key(0), lt: key(0xffffffff) })) {
    const pid = bytes.readUInt32BE(2);
    if ((await commandOf(pid)).includes(mark.toString())) killQuietly(pid);
    await store.write((tx) => tx.del(bytes));
  }
}

/** Empty when there is no such process. */
function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return new Promise((resolve) => {
    execFile("ps", ["-ww", "-o", "command=", "-p", String(pid)], (_, output) => resolve(output ?? ""));
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}
