import type { Stored } from "../../platform/documents.js";
import type { Services } from "../../services.js";
import type { SeatRow } from "../../store/seats-store.js";
import { leaseOwner } from "../run-lease.js";
import type { ShardOrder } from "../wake.js";
import { LEASE_MS } from "./claim.js";

/** A seat is held this long without another word, like a claim. */
export const SEAT_MS = LEASE_MS;

/** How often a shard says that it still sits there. */
const RENEW_MS = SEAT_MS / 3;

/** What is left of a seat's time when it is asked for again before the next claim. */
const SHORT_MS = SEAT_MS / 2;

/**
 * A shard's right to work on its run. A run has `concurrent` seats, and only who holds one claims splits: that keeps the
 * promise to the source, however many shards were started.
 */
export interface Seat {
  /** Fires when the seat is lost: somebody else may work in this place from now on. */
  readonly lost: AbortSignal;
  /** True while the seat is surely held: for right before a claim. */
  isHeld(): boolean;
  /** The same, renewed where it would not hold for long; asks nobody otherwise. */
  confirm(): Promise<boolean>;
  /** Frees the seat. */
  leave(): Promise<void>;
  /** Keeps the seat for a successor. False when it was lost: then there must be none. */
  leaveTo(successor: string): Promise<boolean>;
}

/**
 * Takes the seat that a shard was called to.
 *
 * @returns undefined when it is not this shard's any more, or another delivery of the same call sits there
 */
export async function takeSeat(services: Services, order: ShardOrder): Promise<Seat | undefined> {
  const holder = leaseOwner(order.shard);
  for (let attempt = 1; attempt <= 5; attempt++) {
    const found = await services.seats.get(order.run, order.index);
    if (!isFor(found?.value, order.shard, services.now())) return undefined;
    const until = services.now() + SEAT_MS;
    const calledAt = found?.value.calledAt ?? services.now();
    const { run, shard, index: number } = order;
    const taken: SeatRow = { run, number, shard, state: "taken", holder, calledAt, until };
    if (await services.seats.replace(taken, found?.version ?? 0))
      return holdSeat(services, { key: [], value: taken, version: (found?.version ?? 0) + 1 });
  }
  return undefined;
}

/** A seat that nobody was ever called to is taken by who comes first: its call was written by nobody. */
function isFor(seat: SeatRow | undefined, shard: string, now: number): boolean {
  if (seat === undefined) return true;
  if (seat.shard !== shard) return false;
  return seat.state !== "taken" || seat.until <= now;
}

function holdSeat(services: Services, first: Stored<SeatRow>): Seat {
  const lost = new AbortController();
  const words = wordsOn(services, first, lost);
  const isHeld = (): boolean => !lost.signal.aborted && words.seat().until > services.now();
  async function renew(): Promise<boolean> {
    try {
      return await words.say(() => ({ until: services.now() + SEAT_MS }));
    } catch (error) {
      const { run, shard } = words.seat();
      services.log.warn("seat not renewed", { run, shard, error: String(error) });
      return isHeld();
    }
  }
  const renewal = setInterval(() => void renew(), RENEW_MS);
  async function leaveAs(over: Partial<SeatRow>): Promise<boolean> {
    clearInterval(renewal);
    // What was left to a successor is not freed.
    return words.seat().holder !== null && words.say(() => ({ ...over, holder: null, until: 0 }));
  }
  return {
    lost: lost.signal,
    isHeld,
    confirm: async () => (isHeld() && words.seat().until - services.now() > SHORT_MS ? true : renew()),
    // Who cannot say so is missed when the time has run out.
    leave: async () => void (await leaveAs({ state: "free" }).catch(() => false)),
    leaveTo: (shard) => leaveAs({ shard, state: "called", calledAt: services.now() }),
  };
}

/** What a holder has to say about its seat, one word after the other: each must know the version that the one before stored. */
function wordsOn(services: Services, first: Stored<SeatRow>, lost: AbortController) {
  let seat = first;
  let said: Promise<unknown> = Promise.resolve();
  let expiry: NodeJS.Timeout | undefined;
  /** When nothing is heard from the store, time alone takes the seat away. */
  function keep(stored: Stored<SeatRow>): void {
    seat = stored;
    clearTimeout(expiry);
    const { state, until } = seat.value;
    if (state === "taken") expiry = setTimeout(() => lost.abort(), until - services.now());
  }
  async function store(value: SeatRow): Promise<boolean> {
    if (lost.signal.aborted) return false;
    const { holder, run, number } = seat.value;
    let { version } = seat;
    let isStored = await services.seats.replace(value, version);
    if (!isStored) {
      // An earlier word that arrived although its answer was lost has moved the version on.
      const found = await services.seats.get(run, number);
      version = found?.version ?? 0;
      isStored = found?.value.holder === holder && (await services.seats.replace(value, version));
    }
    if (isStored) keep({ ...seat, value, version: version + 1 });
    else lost.abort();
    return isStored;
  }
  keep(first);
  return {
    seat: () => seat.value,
    /** False when the seat is somebody else's by now. */
    say(over: () => Partial<SeatRow>): Promise<boolean> {
      const saying = said.then(() => store({ ...seat.value, ...over() }));
      said = saying.catch(() => undefined);
      return saying;
    },
  };
}
