import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process under watch. */
export interface Watched {
  readonly pid: number;
  readonly limitBytes: number;
  /** Told at every look; above the limit the watcher is expected to end the process. */
  readonly seen: (residentBytes: number) => void;
}

/** Watches the resident memory of processes, as the kernel counts it: a process in a tight loop cannot tell itself. */
export interface MemoryWatch {
  /** Starts watching; the returned function ends it. */
  add(watched: Watched): () => void;
  close(): void;
}

/** Short enough to catch a process before it has filled the machine. */
const POLL_MS = 100;
const PAGE_BYTES = 4096;

/** Makes a watch that looks ten times a second while it has anything to look at, and never keeps the process alive. */
export function createMemoryWatch(): MemoryWatch {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  const measure = () => {
    if (process.platform === "linux") for (const one of [...watched]) tell(one, residentOnLinux(one.pid));
    else if (watched.size > 0) residentByPs([...watched]);
  };
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add(one) {
      watched.add(one);
      timer ??= setInterval(measure, POLL_MS).unref();
      return () => {
        watched.delete(one);
        if (watched.size === 0) rest();
      };
    },
    close: rest,
  };
}

function tell(one: Watched, bytes: number | null): void {
  if (bytes !== null) one.seen(bytes);
}

/** Second field of `statm` (proc(5)): resident pages. A process that is gone has no file. */
function residentOnLinux(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES;
  } catch {
    return null;
  }
}

function residentByPs(watched: readonly Watched[]): void {
  execFile("ps", ["-o", "pid=,rss=", "-p", watched.map((one) => one.pid).join(",")], (_, output) => {
    for (const line of output.trim().split("\n")) {
      const [pid, kilobytes] = line.trim().split(/\s+/).map(Number);
      const one = watched.find((candidate) => candidate.pid === pid);
      if (one && kilobytes !== undefined) tell(one, kilobytes * 1024);
    }
  });
}
