import { createHash } from "node:crypto";
import { InternalError, UserError } from "../model/errors.js";
import type { SecretBox } from "./seal.js";
import { decrypt, derivedKey, encrypt } from "./sealing.js";

/** The key that seals, and the one it replaces; 32 bytes in base64. An empty text is no key. */
export interface MasterKeys {
  readonly current: string;
  /** Opens what was sealed before the key was changed. */
  readonly previous: string;
}

/** How key ids of this box begin. */
const ENVIRONMENT_KEY = "env:";

/**
 * A box whose keys come from the environment. To change the key, give the old one as `previous` until every data source
 * has been stored anew.
 *
 * @throws UserError CONFIG_INVALID when the current key is absent, or a key is of another length
 */
export function environmentSecretBox({ current, previous }: MasterKeys): SecretBox {
  const master = masterKey("SLUICE_MASTER_KEY", current);
  const keys = new Map([[keyIdOf(master), master]]);
  if (previous !== "") {
    const old = masterKey("SLUICE_MASTER_KEY_PREVIOUS", previous);
    keys.set(keyIdOf(old), old);
  }
  return {
    async seal(secrets, boundTo) {
      return { keyId: keyIdOf(master), ...encrypt(secrets, derivedKey(master, boundTo), boundTo) };
    },
    async open(sealed, boundTo) {
      const key = keys.get(sealed.keyId);
      if (!key) throw new UserError("CONFIG_INVALID", unknownKey(sealed.keyId, boundTo));
      try {
        return decrypt(sealed, derivedKey(key, boundTo), boundTo);
      } catch (cause) {
        throw new InternalError("INTERNAL", `the secrets of ${boundTo} do not open with their master key`, { cause });
      }
    },
  };
}

function masterKey(name: string, text: string): Buffer {
  const key = Buffer.from(text, "base64");
  if (key.length === 32) return key;
  throw new UserError(
    "CONFIG_INVALID",
    `${name} must be 32 bytes in base64: make one with \`openssl rand -base64 32\``,
    { path: name },
  );
}

/** Tells keys apart without telling anything about them. */
function keyIdOf(key: Buffer): string {
  return `${ENVIRONMENT_KEY}${createHash("sha256").update("sluice master key\n").update(key).digest("hex").slice(0, 12)}`;
}

function unknownKey(keyId: string, boundTo: string): string {
  return `the secrets of ${boundTo} were sealed with key ${keyId}, which is not configured: give that key as SLUICE_MASTER_KEY_PREVIOUS, or store the data source anew`;
}
