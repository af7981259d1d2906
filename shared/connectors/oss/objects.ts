import { UserError } from "../../model/errors.js";
import type { Bucket, ObjectInfo } from "./client.js";
import { fixedPrefix, isPattern, matcherOf } from "./object-pattern.js";

/**
 * Finds the objects that a job names, each once, in the order of keys. Folder markers do not match wildcards.
 *
 * @param names  `object` of the job: exact names and patterns
 * @throws UserError SOURCE_OBJECT_MISSING when a name or all patterns together match nothing, unless `mayBeEmpty`
 */
export async function findObjects(
  bucket: Bucket,
  names: readonly string[],
  mayBeEmpty: boolean,
): Promise<ObjectInfo[]> {
  const found = new Map<string, ObjectInfo>();
  for (const given of names) {
    const name = given.replace(/^\/+/, "");
    if (isPattern(name)) await addMatches(bucket, name, found);
    else await addOne(bucket, name, found, mayBeEmpty);
  }
  if (found.size === 0 && !mayBeEmpty) {
    const message = `bucket ${bucket.name} has no object that matches ${names.join(", ")}; successOnNoObject: true allows that`;
    throw new UserError("SOURCE_OBJECT_MISSING", message, { path: "object" });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function addMatches(bucket: Bucket, pattern: string, found: Map<string, ObjectInfo>): Promise<void> {
  const matches = matcherOf(pattern);
  for await (const object of bucket.list(fixedPrefix(pattern))) {
    if (matches(object.key) && !object.key.endsWith("/")) found.set(object.key, object);
  }
}

async function addOne(bucket: Bucket, key: string, found: Map<string, ObjectInfo>, mayBeEmpty: boolean): Promise<void> {
  const object = await bucket.head(key);
  if (object) {
    found.set(key, object);
    return;
  }
  // The answer to a HEAD has no body that could tell a missing bucket from a missing object.
  for await (const _ of bucket.list(key, 1)) break;
  if (!mayBeEmpty) {
    const message = `bucket ${bucket.name} has no object ${key}; successOnNoObject: true allows that`;
    throw new UserError("SOURCE_OBJECT_MISSING", message, { path: "object" });
  }
}
