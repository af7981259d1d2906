import { allInOrder } from "../../model/all-in-order.js";
import { UserError } from "../../model/errors.js";
import type { Bucket, Part, Upload } from "./client.js";
import type { Staged, StagedObject } from "./staged.js";

/** Uploads completed at once. */
const PARALLEL = 4;

/**
 * Makes staged objects visible. May be repeated: their names are the run's own, so an upload that is gone while its
 * object has the expected size was completed before.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when an upload is gone and its object is not there; none is under way then,
 *   so nothing becomes visible any more
 */
export async function completeAll(bucket: Bucket, objects: readonly StagedObject[]): Promise<void> {
  for (let at = 0; at < objects.length; at += PARALLEL) {
    await allInOrder(objects.slice(at, at + PARALLEL).map((object) => complete(bucket, object)));
  }
}

async function complete(bucket: Bucket, object: StagedObject): Promise<void> {
  if (!(await bucket.completeUpload(object, object.parts))) await checkCompleted(bucket, object, null);
}

/** @param run  that the object must be of, where others write to the same name; null = its name says so */
async function checkCompleted(
  bucket: Bucket,
  object: Pick<StagedObject, "key" | "bytes">,
  run: string | null,
): Promise<void> {
  const found = await bucket.head(object.key);
  if (found?.size === object.bytes && (run === null || found.run === run)) return;
  const message = `object ${object.key}: its staged upload is gone, so it cannot be published; start a new run`;
  throw new UserError("SOURCE_OBJECT_MISSING", message);
}

/** What one object made of all splits needs. */
export interface SingleObject {
  readonly run: string;
  /** Started for the run. */
  readonly upload: Upload;
  readonly header: Buffer;
  readonly splits: readonly Staged[];
}

/**
 * Publishes one object made of all splits' parts; the first part is written here: header and loose lines.
 *
 * @returns false when there was nothing to write: no object is made
 */
export async function completeSingle(bucket: Bucket, { run, upload, header, splits }: SingleObject): Promise<boolean> {
  const staged = splits.flatMap(({ objects }) => objects);
  const others = staged.flatMap(({ parts }) => parts).sort((a, b) => a.number - b.number);
  const loose = splits.flatMap((split) => split.loose ?? []).map((text) => Buffer.from(text, "base64"));
  if (loose.length === 0 && others.length === 0) return false;
  const body = Buffer.concat([header, ...loose]);
  const bytes = staged.reduce((sum, object) => sum + object.bytes, body.length);
  const first = await firstPart(bucket, upload, body);
  // An upload that is gone cannot even be asked to complete without parts.
  const isMade = first !== null && (await bucket.completeUpload(upload, [first, ...others]));
  if (!isMade) await checkCompleted(bucket, { key: upload.key, bytes }, run);
  return true;
}

/** Null when the upload is gone: it was completed, or cannot be any more. */
async function firstPart(bucket: Bucket, upload: Upload, body: Buffer): Promise<Part | null> {
  try {
    return await bucket.uploadPart(upload, 1, body);
  } catch (error) {
    if (error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING") return null;
    throw error;
  }
}

/** Removes all objects that start with `prefix` but are not in `kept`. */
export async function removeOthers(bucket: Bucket, prefix: string, kept: ReadonlySet<string>): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of bucket.list(prefix)) if (!kept.has(key)) keys.push(key);
  await bucket.remove(keys);
}

/** Aborts what was staged under a prefix and is not published: by lost attempts, or by a run that failed. */
export async function abortUploads(bucket: Bucket, prefix: string): Promise<void> {
  for (const upload of await bucket.uploads(prefix)) await bucket.abortUpload(upload);
}
