import type { Progress } from "../../../model/progress.js";
import type { SplitRef } from "../../contract.js";
import type { SqlWriteTypes } from "../types.js";
import type { ChunkLoader } from "./chunk.js";
import type { LoadSetting } from "./row-loader.js";

/** What chunks are delivered with. */
export interface DeliverySetting<X extends SqlWriteTypes> extends LoadSetting<X> {
  readonly split: SplitRef;
}

/** How far the chunks of a split have come. */
export interface ChunkDelivery<X extends SqlWriteTypes> extends DeliverySetting<X> {
  readonly loader: ChunkLoader;
  /** After all chunks that were loaded, committed or not. */
  progress: Progress;
  /** After the last commit that has not yet been reported. */
  news: Progress | null;
  /** Loaded but not committed: the source cannot be resumed there. */
  isPending: boolean;
  /** The run has too many dirty records: nothing more is written. */
  isOver: boolean;
  isClosed: boolean;
}
