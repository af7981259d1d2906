import { readdirSync, readFileSync } from "node:fs";

/** CPU seconds and peak memory of processes, as the kernel counts them. */
export interface Usage {
  /** User and system seconds of this process and its children that are alive. */
  readonly cpuSeconds: number;
  /** Largest peak RSS of a child, in MiB. */
  readonly childPeakMb: number;
}

/** Measures this process (the local cloud) and its children (the function instances); the database server is no child of ours to count. */
export function usage(without: ReadonlySet<number> = new Set()): Usage {
  const children = childrenOf(process.pid).filter((pid) => !without.has(pid));
  return {
    cpuSeconds: [process.pid, ...children].reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    childPeakMb: Math.max(0, ...children.map(peakMb)),
  };
}

/** CPU seconds of the function instances alone. */
export function childCpuSeconds(without: ReadonlySet<number> = new Set()): number {
  const children = childrenOf(process.pid).filter((pid) => !without.has(pid));
  return children.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

/** Ids of the processes that this one started and that still run. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && statOf(pid)[1] === String(parent) ? [pid] : [];
  });
}

const TICKS_PER_SECOND = 100;

function cpuSeconds(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** Fields of /proc/<pid>/stat after the command name; the first is the state, the second the parent. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function peakMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
