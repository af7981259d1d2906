import { createHash } from "node:crypto";
import { STAGING_FOLDER } from "../../model/staging-name.js";
import type { ObjectWriteParams } from "./write-params.js";

/** All objects of a run begin so; derived from the run's id, so a repeated attempt meets its own names. */
export function runPrefix({ object }: ObjectWriteParams, runId: string): string {
  return `${object}__${markOf(runId)}`;
}

/** Name of the `part`-th object (from 0) of a split. */
export function objectName(
  params: ObjectWriteParams,
  runId: string,
  { split, part }: { split: number; part: number },
): string {
  return `${runPrefix(params, runId)}_${split}${part === 0 ? "" : `_${part}`}${params.suffix ?? ""}`;
}

/** All lumps of a run begin so; see `isStaging`. */
export function stagingPrefix({ object }: ObjectWriteParams, runId: string): string {
  return `${object.slice(0, object.lastIndexOf("/") + 1)}${STAGING_FOLDER}${markOf(runId)}/`;
}

function markOf(runId: string): string {
  return createHash("sha256").update(runId).digest("hex").slice(0, 32);
}
