import type { z } from "zod";

/** Longest name of an object, in bytes of UTF-8. Source: OSS developer guide, "Object"; S3 has one byte more. */
const KEY_BYTES = 1_023;
/** What a writer puts between the beginning of a name and its end: the mark of the run, numbers of split and part. */
const MARK_BYTES = 80;

/** Adds an issue for every name that no object can have. */
export function refuseLongNames({ object }: { readonly object: readonly string[] }, context: z.RefinementCtx): void {
  for (const [at, name] of object.entries()) {
    const bytes = Buffer.byteLength(name);
    if (bytes > KEY_BYTES) refuse(context, ["object", at], `at most ${KEY_BYTES} bytes, not ${bytes}`);
  }
}

/** Adds an issue when names that begin and end so would be longer than any object's. */
export function refuseLongParts(
  { object, suffix }: { readonly object: string; readonly suffix: string | null },
  context: z.RefinementCtx,
): void {
  const most = KEY_BYTES - MARK_BYTES;
  const bytes = Buffer.byteLength(object) + Buffer.byteLength(suffix ?? "");
  const isSuffix = Buffer.byteLength(suffix ?? "") > Buffer.byteLength(object);
  const path = [isSuffix ? "suffix" : "object"];
  if (bytes > most)
    refuse(context, path, `at most ${most} bytes together with ${isSuffix ? "object" : "suffix"}, not ${bytes}`);
}

function refuse(context: z.RefinementCtx, path: PropertyKey[], what: string): void {
  context.issues.push({ code: "custom", path, message: `expected ${what}`, input: undefined });
}
