import { setTimeout as sleep } from "node:timers/promises";
import { isEnded } from "../../model/run.js";
import type { Services } from "../../services.js";

/** A small job ends within half a second, so the first looks come quickly. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** Waits until a run has ended, or for so long. A run that there is not is waited for by nobody. */
export async function awaitEnd({ runs }: Pick<Services, "runs">, id: string, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  for (let pause = FIRST_PAUSE_MS; performance.now() < until; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.4)) {
    const run = await runs.findBrief(id);
    if (!run || isEnded(run.state)) return;
    await sleep(Math.min(pause, Math.max(0, until - performance.now())));
  }
}
