import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { JsonObject } from "../model/json.js";
import type { Sealed } from "../model/seal.js";

/** The parts of {@link Sealed} that the cipher makes. */
export type SealedText = Pick<Sealed, "iv" | "tag" | "data">;

/** A key for one object, derived so that no two objects share one. */
export function derivedKey(master: Buffer, boundTo: string): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "sluice", boundTo, 32));
}

/**
 * Encrypts secrets with AES-256-GCM.
 *
 * @param key  32 bytes
 * @param boundTo  authenticated, not stored: decrypting needs the same text
 */
export function encrypt(secrets: JsonObject, key: Buffer, boundTo: string): SealedText {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), "utf8"), cipher.final()]);
  return { iv: iv.toString("base64"), tag: cipher.getAuthTag().toString("base64"), data: data.toString("base64") };
}

/**
 * Decrypts what {@link encrypt} made.
 *
 * @throws Error when key, text or `boundTo` is another one
 */
export function decrypt({ iv, tag, data }: SealedText, key: Buffer, boundTo: string): JsonObject {
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64"), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(Buffer.from(tag, "base64"));
  const plain = Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]);
  // Authenticated: it is what `encrypt` was given.
  return JSON.parse(plain.toString("utf8")) as JsonObject;
}
