import { UserError } from "../../model/errors.js";
import { isStaging } from "../../model/staging-name.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { fixedPrefix, isPattern, matcherOf } from "./object-pattern.js";

interface Leniency {
  /** Names that match nothing are no mistake. */
  readonly mayBeEmpty: boolean;
}

/**
 * Finds the objects that a job names, each once, in the order of keys. Folder markers do not match wildcards.
 *
 * @param names  `object` of the job: exact names and patterns
 * @throws UserError SOURCE_OBJECT_MISSING when a name or all patterns together match nothing, unless `mayBeEmpty`
 */
export async function findObjects(
  store: FileStore,
  names: readonly string[],
  { mayBeEmpty }: Leniency,
): Promise<ObjectInfo[]> {
  const found = new Map<string, ObjectInfo>();
  for (const given of names) {
    const name = given.replace(/^\/+/, "");
    if (isPattern(name)) await addMatches(store, name, found);
    else for (const object of await findOne(store, name, { mayBeEmpty })) found.set(name, object);
  }
  if (found.size === 0 && !mayBeEmpty) {
    const message = `${store.label} has no object that matches ${names.join(", ")}; successOnNoObject: true allows that`;
    throw new UserError("SOURCE_OBJECT_MISSING", message, { path: "object" });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function addMatches(store: FileStore, pattern: string, found: Map<string, ObjectInfo>): Promise<void> {
  const matches = matcherOf(pattern);
  for await (const object of store.list(fixedPrefix(pattern))) {
    if (matches(object.key) && !object.key.endsWith("/") && !isStaging(object.key)) found.set(object.key, object);
  }
}

/** The object of a name, as a list that is empty where there need be none. */
async function findOne(store: FileStore, key: string, { mayBeEmpty }: Leniency): Promise<readonly ObjectInfo[]> {
  const object = await store.head(key);
  if (object) return [object];
  // The answer to a HEAD has no body that could tell a missing bucket from a missing object.
  for await (const _ of store.list(key, 1)) break;
  if (!mayBeEmpty) {
    const message = `${store.label} has no object ${key}; successOnNoObject: true allows that`;
    throw new UserError("SOURCE_OBJECT_MISSING", message, { path: "object" });
  }
  return [];
}
