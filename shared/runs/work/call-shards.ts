import { allInOrder } from "../../model/all-in-order.js";
import type { RunRecord } from "../../model/run.js";
import type { SplitRow } from "../../model/split.js";
import type { Stored } from "../../platform/documents.js";
import type { Services } from "../../services.js";
import type { SeatRow } from "../../store/seats-store.js";
import { type ShardOrder, shardTask, startShard, successorOf } from "../wake.js";
import { isClaimable } from "./claim.js";

/** The platform drops a call that waited this long (`maxAsyncEventAgeInSeconds` in s.yaml), with a minute to spare. */
const LONGEST_WAIT_MS = 3_660_000;

/** Starts the first shards of a run, one for each of its seats. Seats that somebody called to already are left alone. */
export async function callFirstShards(services: Services, run: RunRecord): Promise<void> {
  const numbers = Array.from({ length: run.concurrent }, (_, number) => number);
  await allInOrder(numbers.map((number) => callShard(services, run, { number })));
}

/** A seat to call a shard to. */
interface CalledSeat {
  readonly number: number;
  /** As it was found; undefined = nobody was ever called to it. */
  readonly seat?: Stored<SeatRow> | undefined;
}

/**
 * Gives a seat to a new shard and starts it. Of several who do so at once for the same seat only one does.
 */
export async function callShard(services: Services, run: RunRecord, { number, seat }: CalledSeat): Promise<void> {
  const shard = seat ? successorOf(seat.value.shard) : `${run.id}-g${run.plan?.generation ?? 0}-${number}`;
  const called: SeatRow = {
    ...{ run: run.id, number, shard, state: "called", holder: null },
    ...{ calledAt: services.now(), until: 0 },
  };
  if (await services.seats.replace(called, seat?.version ?? 0)) await startShard(services, run, orderOf(run, called));
}

/**
 * Calls as many shards as a run lacks. A shard that was called and has not come yet is asked for at the platform, where it
 * may wait for a full resource group for long: only one that ended without ever sitting down, or is not known there, is
 * called again.
 */
export async function callMissingShards(
  services: Services,
  run: RunRecord,
  splits: readonly SplitRow[],
): Promise<void> {
  const found = await services.seats.all(run.id);
  const seats = Array.from({ length: run.concurrent }, (_, number) =>
    found.find(({ value }) => value.number === number),
  );
  const standings = await allInOrder(seats.map((seat) => (seat ? standingOf(services, run, seat.value) : "gone")));
  const now = services.now();
  const working = new Set(splits.filter((split) => isHeld(split, now)).map(({ owner }) => owner));
  // A shard that lost its seat, but not yet its claim, still reads from the source.
  const isEmpty = (number: number) => standings[number] === "gone" && !working.has(seats[number]?.value.shard ?? "");
  const empty = [...seats.keys()].filter(isEmpty);
  for (const seat of seats) working.delete(seat?.value.shard ?? "");
  const coming = standings.filter((standing) => standing === "coming").length;
  const open = splits.filter((split) => isClaimable(split, now)).length;
  const missing = Math.max(0, Math.min(open - coming, empty.length - working.size));
  await allInOrder(empty.slice(0, missing).map((number) => callShard(services, run, { number, seat: seats[number] })));
}

/** Starts the shard that a seat was given to, where the platform was never told: who gave it may have died before the call. */
export async function callIfUnheardOf(services: Services, run: RunRecord, seat: SeatRow): Promise<void> {
  if (seat.state === "called") await standingOf(services, run, seat);
}

/** `coming`: called, and somewhere on its way. */
type Standing = "coming" | "sitting" | "gone";

async function standingOf(services: Services, run: RunRecord, seat: SeatRow): Promise<Standing> {
  const now = services.now();
  if (seat.state === "free") return "gone";
  if (seat.state === "taken") return seat.until > now ? "sitting" : "gone";
  const { name, taskId } = shardTask(run, seat.shard);
  const task = await services.invoker.taskState(name, taskId);
  if (task === "waiting") return "coming";
  if (task === "ended" || seat.calledAt + LONGEST_WAIT_MS <= now) return "gone";
  // Who called it died before the platform was told, or is about to tell it: the same name starts once.
  if (task === "unheardOf") await startShard(services, run, orderOf(run, seat));
  return "coming";
}

function orderOf(run: RunRecord, { shard, number }: SeatRow): ShardOrder {
  return { run: run.id, shard, index: number, of: run.concurrent };
}

/** True when a shard works on the split. */
export function isHeld(split: SplitRow, now: number): boolean {
  return split.state === "claimed" && split.leaseUntil > now;
}
