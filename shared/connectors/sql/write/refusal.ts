import type { DirtyReason } from "../../../model/batch.js";

/** Why the server did not take a row. */
export interface RowRefusal {
  readonly reason: DirtyReason;
  readonly message: string;
  readonly column?: string;
  /** The server only warned, and took the row as it bent it: whoever asked takes it back. */
  readonly isTaken?: true;
}
