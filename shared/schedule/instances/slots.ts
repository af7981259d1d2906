import { hashOf } from "../../calendar/cycle.js";

/** An instance that waits for slots of a resource group. */
export interface Queued {
  readonly id: string;
  /** 1 to 8; 8 goes first. */
  readonly priority: number;
  /** When it was due, epoch ms. */
  readonly at: number;
  /** Since when it waits for slots, epoch ms. */
  readonly readySince: number;
  /** Slots it takes: one per shard. */
  readonly weight: number;
}

const HIGHEST = 8;
/** A waiting instance rises a step each half hour, so that none waits for ever. */
const STEP_MS = 30 * 60_000;
/** So long smaller ones may pass the head of the queue, which waits for more slots than are free. */
const PASSING_MS = 5 * 60_000;

/** The queue as it is served: by priority with what was gained by waiting, then by due time, then by a hash. */
export function inTurn(queue: readonly Queued[], nowMs: number): readonly Queued[] {
  const rank = ({ priority, readySince }: Queued) =>
    Math.min(HIGHEST, priority + Math.floor((nowMs - readySince) / STEP_MS));
  return [...queue].sort((a, b) => rank(b) - rank(a) || a.at - b.at || hashOf(a.id) - hashOf(b.id));
}

/** Who gets slots, and who stands at the head without getting enough. */
export interface Admission {
  readonly admitted: readonly Queued[];
  readonly blocked: Queued | null;
}

/**
 * Gives free slots to the queue.
 *
 * @param blockedSince  since when (epoch ms) an instance has stood at the head without getting enough
 */
export function admitQueued(
  queue: readonly Queued[],
  {
    free,
    nowMs,
    blockedSince,
  }: { readonly free: number; readonly nowMs: number; blockedSince(id: string): number | null },
): Admission {
  const admitted: Queued[] = [];
  let blocked: Queued | null = null;
  let left = free;
  for (const one of inTurn(queue, nowMs)) {
    if (one.weight <= left) {
      admitted.push(one);
      left -= one.weight;
      continue;
    }
    blocked ??= one;
    if (nowMs - (blockedSince(blocked.id) ?? nowMs) >= PASSING_MS) break;
  }
  return { admitted, blocked };
}
