import { UserError } from "../../model/errors.js";
import type { BucketFacts } from "./bucket.js";
import type { Lump, ObjectStaged } from "./staged.js";

/** A part that publishing makes: of bytes in hand and of lumps, end to end. */
export interface JoinedPart {
  readonly number: number;
  readonly sources: readonly (Buffer | Lump)[];
}

/**
 * Plans the parts that are to be joined to one object with those that the splits uploaded: in the order of the splits, header first,
 * each but the last one of the object large enough. A split's parts follow a head, which is large enough to take in whatever waits.
 *
 * @param splits  by split number
 * @throws UserError UNSUPPORTED when there are more parts than an upload takes
 */
export function joinedParts(header: Buffer, splits: readonly ObjectStaged[], facts: BucketFacts): JoinedPart[] {
  const made: JoinedPart[] = [];
  let waiting: (Buffer | Lump)[] = [];
  let bytes = 0;
  let last = 0;
  const add = (source: Buffer | Lump, size: number): void => {
    if (size > 0) waiting.push(source);
    bytes += size;
  };
  const join = (number: number): void => {
    last = Math.max(number, last + 1);
    made.push({ number: last, sources: waiting });
    waiting = [];
    bytes = 0;
  };
  add(header, header.length);
  for (const { objects, head, tail, joinAt = 1 } of splits) {
    if (head) add(head, head.bytes);
    if (bytes >= facts.minPartBytes) join(joinAt);
    last = Math.max(last, objects[0]?.parts.at(-1)?.number ?? 0);
    if (tail) add(tail, tail.bytes);
    if (bytes >= facts.minPartBytes) join(joinAt);
  }
  if (waiting.length > 0) join(last + 1);
  if (last <= facts.maxParts) return made;
  const message = `one object would have more than ${facts.maxParts} parts; leave writeSingleObject out, or use fewer splits`;
  throw new UserError("UNSUPPORTED", message, { path: "writeSingleObject" });
}
