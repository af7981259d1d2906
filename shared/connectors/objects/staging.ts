import type { Json, JsonObject } from "../../model/json.js";
import type { RunRef, SplitRef } from "../contract.js";
import type { FileFrame } from "../file/format/format.js";
import type { ObjectStage } from "./stage.js";

/**
 * Where the files of a run wait, unseen, until they are published. Here a system joins that has no multipart uploads, such as
 * a file server with hidden files that are renamed: readers, formats, parameters and sessions stay the same.
 */
export interface Staging {
  /** A file that is in the way of a new run's; null = none. Fails where the place cannot be reached. */
  firstTaken(): Promise<string | null>;
  /** Before any split is opened. @returns what `stage`, `publish` and `discard` of this run will find in `RunRef.prepared` */
  begin(run: RunRef): Promise<JsonObject>;
  /** The stage of a split, going on with what an earlier attempt staged. `frame` stands around the records of every file. */
  stage(split: SplitRef, frame: FileFrame): Promise<ObjectStage>;
  /** Shows everything, then removes what `truncate` is to remove. May be repeated, also after half of it. */
  publish(run: RunRef, content: ObjectPublication): Promise<void>;
  /** Removes what the run staged, whichever attempts did. */
  discard(run: RunRef): Promise<void>;
}

/** What is published. */
export interface ObjectPublication {
  /** What the stages' `close` gave, by split number. */
  readonly tokens: readonly Json[];
  readonly header: Buffer;
  /** A file without records. */
  readonly emptyFile: Buffer;
}
