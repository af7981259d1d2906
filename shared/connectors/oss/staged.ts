import type { Json } from "../../model/json.js";
import type { Part, Upload } from "./client.js";

/** An object of which all parts are in OSS, but which nobody sees yet. */
export interface StagedObject extends Upload {
  readonly parts: readonly Part[];
  /** Size of the finished object. */
  readonly bytes: number;
}

/** What a split has staged so far: rests in the split's progress, and is its token in the end. */
export interface Staged {
  readonly objects: readonly StagedObject[];
  /** Name of an object without records, to be made by `finish`. */
  readonly empty?: string;
  /** Single object only: lines too few for a part of their own, in base64; `finish` puts them into the first part. */
  readonly loose?: readonly string[];
}

/** Nothing staged. */
const nothingStaged: Staged = { objects: [] };

/** What an earlier attempt staged; it was written by {@link stagedJson}. */
export function stagedOf(json: Json | undefined): Staged {
  return (json ?? nothingStaged) as unknown as Staged; // made by our own writer
}

/** As plain JSON, which it is; interfaces have no index signature, so the compiler does not see it. */
export function stagedJson(staged: Staged): Json {
  return staged as unknown as Json;
}
