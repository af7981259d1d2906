import { InternalError } from "../model/errors.js";
import type { Kms } from "../platform/kms.js";
import type { SecretBox } from "./seal.js";
import { decrypt, encrypt } from "./sealing.js";

/** How key ids of this box begin. */
export const KMS_KEY = "kms:";

/** How long an unwrapped data key is kept: a hundred shards that start together ask KMS once per instance. */
const KEEP_MS = 300_000;

/** Data keys kept at once, at most. */
const KEEP = 200;

/**
 * A box that asks KMS for a data key per seal and stores it wrapped beside the text.
 *
 * @param now  epoch ms
 */
export function kmsSecretBox(kms: Kms, now: () => number): SecretBox {
  const kept = new Map<string, { readonly key: Buffer; readonly until: number }>();
  const keep = (wrappedKey: string, key: Buffer): void => {
    const oldest = kept.keys().next();
    if (kept.size >= KEEP && !oldest.done) kept.delete(oldest.value);
    kept.set(wrappedKey, { key, until: now() + KEEP_MS });
  };
  const unwrapped = async (wrappedKey: string, boundTo: string): Promise<Buffer> => {
    const known = kept.get(wrappedKey);
    if (known && known.until > now()) return known.key;
    const key = await kms.decrypt(wrappedKey, contextOf(boundTo));
    keep(wrappedKey, key);
    return key;
  };
  return {
    async seal(secrets, boundTo) {
      const { key, wrappedKey, keyId } = await kms.generateDataKey(contextOf(boundTo));
      keep(wrappedKey, key);
      return { keyId: `${KMS_KEY}${keyId}`, wrappedKey, ...encrypt(secrets, key, boundTo) };
    },
    async open(sealed, boundTo) {
      const { wrappedKey } = sealed;
      if (wrappedKey === undefined)
        throw new InternalError("INTERNAL", `the secrets of ${boundTo} lack their data key`);
      const key = await unwrapped(wrappedKey, boundTo);
      try {
        return decrypt(sealed, key, boundTo);
      } catch (cause) {
        throw new InternalError("INTERNAL", `the secrets of ${boundTo} do not open with their data key`, { cause });
      }
    },
  };
}

/** KMS unwraps only for the object that the key was made for, and its audit log names it. */
function contextOf(boundTo: string): Readonly<Record<string, string>> {
  return { sluice: boundTo };
}
