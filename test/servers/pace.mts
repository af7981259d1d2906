import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";

/** Where the measured pace is handed to the processes that run the tests. */
const variable = "SLUICE_TEST_PACE";

/** What each takes on an idle machine with two cores, in milliseconds: the start of a process, and arithmetic. */
const idle = { start: 60, arithmetic: 60 };

/**
 * Measures how much slower this machine is than an idle one, once for all processes of a test run: vitest reads its settings
 * before it starts any.
 *
 * @returns 1 for an idle machine or a faster one, 20 at most
 */
export function measurePace(): number {
  if (process.env[variable] === undefined) {
    const rounds = [1, 2, 3].map(() => Math.max(start() / idle.start, arithmetic() / idle.arithmetic));
    const pace = Math.min(20, Math.max(1, ...rounds));
    process.env[variable] = pace.toFixed(2);
  }
  return Number(process.env[variable]);
}

function start(): number {
  const since = performance.now();
  execFileSync(process.execPath, ["-e", "0"]);
  return performance.now() - since;
}

function arithmetic(): number {
  const since = performance.now();
  const hash = createHash("sha256");
  const block = Buffer.alloc(2 ** 20, 7);
  for (let i = 0; i < 64; i++) hash.update(block);
  hash.digest();
  return performance.now() - since;
}

/**
 * How long to wait before saying that something hangs: ten times what it usually takes on an idle machine, and as much more
 * as this machine is slower. No promise about time is tested with it.
 *
 * @param usualMs  on an idle machine
 */
export function patience(usualMs: number): number {
  return Math.round(10 * usualMs * measurePace());
}
