import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A token that was just made: the only moment its text exists on our side. */
export interface NewToken {
  readonly text: string;
  /** SHA-256, hex. */
  readonly hash: string;
  /** The first characters, enough to recognize it and too few to guess it. */
  readonly prefix: string;
}

/** What all our tokens begin with, so that secret scanners find them. */
export const TOKEN_START = "slc_";

/** Makes a token of 32 random bytes. */
export function newToken(): NewToken {
  const text = `${TOKEN_START}${randomBytes(32).toString("base64url")}`;
  return { text, hash: hashToken(text), prefix: text.slice(0, TOKEN_START.length + 6) };
}

/** SHA-256 of a token, hex. A token is random in full: it needs no salt and no slow hash. */
export function hashToken(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Compares two hashes (hex) in a time that does not depend on where they differ; an empty one equals nothing. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, "hex");
  const right = Buffer.from(b, "hex");
  return left.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}
