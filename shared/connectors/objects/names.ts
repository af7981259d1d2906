import { createHash } from "node:crypto";
import type { WriteParams } from "./write-params.js";

/** All objects of a run begin so; derived from the run's id, so a repeated attempt meets its own names. */
export function runPrefix({ object }: WriteParams, runId: string): string {
  return `${object}__${markOf(runId)}`;
}

/** Name of the `part`-th object (from 0) of a split. */
export function objectName(
  params: WriteParams,
  runId: string,
  { split, part }: { split: number; part: number },
): string {
  return `${runPrefix(params, runId)}_${split}${part === 0 ? "" : `_${part}`}${params.suffix ?? ""}`;
}

/** The folder, beside the object, of what is no file of anybody's: whoever lists files passes over names that begin with a dot. */
const STAGING = ".sluice-staging/";

/** All lumps of a run begin so; see {@link isStaging}. */
export function stagingPrefix({ object }: WriteParams, runId: string): string {
  return `${object.slice(0, object.lastIndexOf("/") + 1)}${STAGING}${markOf(runId)}/`;
}

/** True for what waits to become part of an object: no pattern means it, and no `truncate` of another run removes it. */
export function isStaging(key: string): boolean {
  return key.startsWith(STAGING) || key.includes(`/${STAGING}`);
}

function markOf(runId: string): string {
  return createHash("sha256").update(runId).digest("hex").slice(0, 32);
}
