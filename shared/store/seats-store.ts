import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** One of the places at which a run is worked on: a run has as many as it may have shards at once. */
export interface SeatRow {
  readonly run: string;
  /** 0-based, below the run's `concurrent`. */
  readonly number: number;
  /** The only shard that may sit here. */
  readonly shard: string;
  /** `called`: the shard was started, or is about to be, and has not come yet. `free`: it went in good order. */
  readonly state: "called" | "taken" | "free";
  /** Which invocation sits here: a shard may be delivered twice. Null unless taken. */
  readonly holder: string | null;
  /** Epoch ms of the call. */
  readonly calledAt: number;
  /** Epoch ms until which a taken seat is held without another word. */
  readonly until: number;
}

/** The seats of runs. They go a day after their last change: runs need no more of them once they have ended. */
export interface SeatsStore {
  /** Those that were ever called, by number. */
  all(run: string): Promise<readonly Stored<SeatRow>[]>;
  get(run: string, number: number): Promise<Stored<SeatRow> | undefined>;
  /** Stores a seat if it is still at that version, 0 = there is none yet. */
  replace(seat: SeatRow, version: number): Promise<boolean>;
}

/** Seats of a run at most: far more than any resource group has room for. */
const MAX_SEATS = 10_000;

/** Opens the store over our documents. */
export function createSeatsStore(documents: Documents): SeatsStore {
  return {
    all: (run) => documents.list<SeatRow>(storeTables.seats, { prefix: [run], limit: MAX_SEATS }),
    get: (run, number) => documents.get<SeatRow>(storeTables.seats, [run, number]),
    replace: (seat, version) =>
      documents.replace(storeTables.seats, { key: [seat.run, seat.number], value: seat, version }),
  };
}
