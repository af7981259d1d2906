import type { Json } from "../../model/json.js";
import type { SentPart, Upload } from "./bucket.js";

/** An object of which all parts are in the store, but which nobody sees yet. */
export interface StagedObject extends Upload {
  readonly parts: readonly SentPart[];
  /** Size of the finished object. */
  readonly bytes: number;
}

/** Bytes that cannot be a part yet, as an object of their own under the run's staging prefix. */
export interface Lump {
  readonly key: string;
  readonly bytes: number;
}

/** What a split has staged so far: rests in the split's progress, and is its token in the end. */
export interface ObjectStaged {
  readonly objects: readonly StagedObject[];
  /** Name of an object without records, to be made when the run is published. */
  readonly empty?: string;
  /** Single object only: the part number before those of the split, free for what publishing joins. */
  readonly joinAt?: number;
  /** Single object only: what comes before the parts; it may be a part that others follow. */
  readonly head?: Lump;
  /** Single object only: what comes behind the parts. */
  readonly tail?: Lump;
}

/** Nothing staged. */
const nothingStaged: ObjectStaged = { objects: [] };

/** What an earlier attempt staged; it was written by {@link stagedObjectJson}. */
export function stagedObjectOf(json: Json | undefined): ObjectStaged {
  return (json ?? nothingStaged) as unknown as ObjectStaged; // made by our own writer
}

/** As plain JSON, which it is; interfaces have no index signature, so the compiler does not see it. */
export function stagedObjectJson(staged: ObjectStaged): Json {
  return staged as unknown as Json;
}
