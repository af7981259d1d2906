import { allInOrder } from "../../model/all-in-order.js";
import { UserError } from "../../model/errors.js";
import { isStaging } from "../../model/staging-name.js";
import type { Bucket, ObjectInfo, SentPart, Upload } from "./bucket.js";
import { type JoinedPart, joinedParts } from "./joined-parts.js";
import { readWhole } from "./read-range.js";
import type { ObjectStaged, StagedObject } from "./staged.js";

/** Uploads completed, or parts made, at once. */
const PARALLEL = 4;

/**
 * Makes staged objects visible. May be repeated: their names are the run's own, so an upload that is gone while its
 * object has the expected size was completed before.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when an upload is gone and its object is not there; none is under way then,
 *   so nothing becomes visible any more
 */
export async function completeAll(bucket: Bucket, objects: readonly StagedObject[]): Promise<void> {
  await inGroups(objects, async (object) => {
    if ((await bucket.completeUpload(object, object.parts)) === "done") return;
    if ((await bucket.head(object.key))?.size !== object.bytes) throw stagedIsGone(object.key);
  });
}

async function inGroups<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += PARALLEL)
    results.push(...(await allInOrder(all.slice(at, at + PARALLEL).map(work))));
  return results;
}

function stagedIsGone(key: string): UserError {
  const message = `object ${key}: its staged upload is gone, so it cannot be published; start a new run`;
  return new UserError("SOURCE_OBJECT_MISSING", message);
}

/** What one object made of all splits needs. */
export interface SingleObject {
  readonly run: string;
  /** Started for the run. */
  readonly upload: Upload;
  readonly header: Buffer;
  /** By split number. */
  readonly splits: readonly ObjectStaged[];
  /** An object that came to have the name meanwhile stays, and the run fails. */
  readonly keepsOther: boolean;
  readonly signal: AbortSignal;
}

/**
 * Publishes one object made of all splits' parts, and of what was too small for parts. May be repeated: others write to the name
 * as well, so the object tells the run that made it.
 *
 * @returns false when there was nothing to write: no object is made
 * @throws UserError ALREADY_EXISTS
 */
export async function completeSingle(bucket: Bucket, single: SingleObject): Promise<boolean> {
  const { run, upload, header, splits, keepsOther } = single;
  const bytes = splits.reduce((sum, split) => sum + bytesOf(split), 0);
  if (bytes === 0) return false;
  const isOurs = (found: (ObjectInfo & { run: string | null }) | null) =>
    found?.run === run && found.size === header.length + bytes;
  if (isOurs(await bucket.head(upload.key))) return true;
  const completion = await joinAndComplete(bucket, single);
  if (completion === "done" || isOurs(await bucket.head(upload.key))) return true;
  if (completion === "gone") throw stagedIsGone(upload.key);
  const kept = `${bucket.label} has ${upload.key} by now; writeMode nonConflict refuses that`;
  throw keepsOther ? new UserError("ALREADY_EXISTS", kept) : stagedIsGone(upload.key);
}

function bytesOf({ objects, head, tail }: ObjectStaged): number {
  return objects.reduce((sum, object) => sum + object.bytes, (head?.bytes ?? 0) + (tail?.bytes ?? 0));
}

async function joinAndComplete(bucket: Bucket, { upload, header, splits, keepsOther, signal }: SingleObject) {
  const uploaded = splits.flatMap(({ objects }) => objects.flatMap(({ parts }) => parts));
  const missing = joinedParts(header, splits, bucket.facts);
  const made = await inGroups(missing, (part) => makePart(bucket, part, { upload, signal })).catch(nullIfGone);
  // An upload that is gone cannot even be asked to complete without parts.
  if (made === null) return "gone";
  const parts = [...uploaded, ...made].sort((a, b) => a.number - b.number);
  return bucket.completeUpload(upload, parts, { keepsOther });
}

async function makePart(
  bucket: Bucket,
  { number, sources }: JoinedPart,
  { upload, signal }: { upload: Upload; signal: AbortSignal },
): Promise<SentPart> {
  const bodies: Buffer[] = [];
  for (const source of sources) {
    if (Buffer.isBuffer(source)) bodies.push(source);
    else {
      const range = { key: source.key, etag: null, start: 0, end: source.bytes };
      bodies.push(await readWhole(bucket, range, signal));
    }
  }
  return bucket.uploadPart(upload, number, Buffer.concat(bodies));
}

function nullIfGone(error: unknown): null {
  if (error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING") return null;
  throw error;
}

/** Removes all objects that start with `prefix` but are not in `kept`; what waits for another run's publishing stays. */
export async function removeOthers(bucket: Bucket, prefix: string, kept: ReadonlySet<string>): Promise<void> {
  await removeWhere(bucket, prefix, (key) => !kept.has(key) && !isStaging(key));
}

/** Removes the lumps of a run. */
export async function removeLumps(bucket: Bucket, stagingPrefix: string): Promise<void> {
  await removeWhere(bucket, stagingPrefix, () => true);
}

async function removeWhere(bucket: Bucket, prefix: string, isUnwanted: (key: string) => boolean): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of bucket.list(prefix)) if (isUnwanted(key)) keys.push(key);
  await bucket.remove(keys);
}

/** Aborts what was staged under a prefix and is not published: by lost attempts, or by a run that failed. */
export async function abortUploads(bucket: Bucket, prefix: string): Promise<void> {
  for (const upload of await bucket.uploads(prefix)) await bucket.abortUpload(upload);
}
