import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { InternalError, UserError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";
import type { Sealed } from "../model/run-record.js";

/** Seals secrets before they reach a table and opens them in the function that connects. */
export interface SecretBox {
  /** `boundTo` names the object the secrets belong to: a sealed value copied elsewhere does not open. */
  seal(secrets: JsonObject, boundTo: string): Sealed;
  /** @throws InternalError when the key is not the one that sealed, or the text was tampered with */
  open(sealed: Sealed, boundTo: string): JsonObject;
}

const KEY_ID = "env:1";

/**
 * A box whose key comes from the environment.
 *
 * @param masterKey  32 bytes, base64
 * @throws UserError CONFIG_INVALID when the key is absent or of another length
 */
export function environmentSecretBox(masterKey: string): SecretBox {
  const master = Buffer.from(masterKey, "base64");
  if (master.length !== 32)
    throw new UserError(
      "CONFIG_INVALID",
      "SLUICE_MASTER_KEY must be 32 bytes in base64: make one with `openssl rand -base64 32`",
    );
  const keyFor = (boundTo: string): Buffer => Buffer.from(hkdfSync("sha256", master, "sluice", boundTo, 32));
  return {
    seal(secrets, boundTo) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", keyFor(boundTo), iv);
      cipher.setAAD(Buffer.from(boundTo));
      const data = Buffer.concat([cipher.update(JSON.stringify(secrets), "utf8"), cipher.final()]);
      const [ivText, tag, dataText] = [iv, cipher.getAuthTag(), data].map((part) => part.toString("base64"));
      return { keyId: KEY_ID, iv: ivText ?? "", tag: tag ?? "", data: dataText ?? "" };
    },
    open(sealed, boundTo) {
      if (sealed.keyId !== KEY_ID)
        throw new InternalError("INTERNAL", `secrets of ${boundTo} need key ${sealed.keyId}`);
      try {
        const decipher = createDecipheriv("aes-256-gcm", keyFor(boundTo), Buffer.from(sealed.iv, "base64"));
        decipher.setAAD(Buffer.from(boundTo));
        decipher.setAuthTag(Buffer.from(sealed.tag, "base64"));
        const plain = Buffer.concat([decipher.update(Buffer.from(sealed.data, "base64")), decipher.final()]);
        return JSON.parse(plain.toString("utf8")) as JsonObject;
      } catch (cause) {
        throw new InternalError("INTERNAL", `the secrets of ${boundTo} do not open with this master key`, { cause });
      }
    },
  };
}
