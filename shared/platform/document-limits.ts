import { UserError } from "../model/errors.js";

/** Limits of the service: of a key column and of an attribute. */
const MAX_KEY_BYTES = 1024;
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** False for what can be no key of a stored row: too long, or half of a surrogate pair. */
export function isKeyable(key: readonly (string | number)[]): boolean {
  return key.every(
    (value) =>
      typeof value === "number" ||
      (Buffer.byteLength(value) <= MAX_KEY_BYTES && Buffer.from(value).toString("utf8") === value),
  );
}

/**
 * Refuses what the service would not take, before it is sent.
 *
 * @param doc  the document as text
 * @throws UserError CONFIG_INVALID for the key, PAYLOAD_TOO_LARGE for the document
 */
export function refuseUnstorable(key: readonly (string | number)[], doc: string): void {
  if (!isKeyable(key)) throw new UserError("CONFIG_INVALID", `a name is longer than ${MAX_KEY_BYTES} bytes`);
  const bytes = Buffer.byteLength(doc);
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new UserError("PAYLOAD_TOO_LARGE", `an object of ${bytes} bytes; at most ${MAX_DOCUMENT_BYTES} are stored`);
}
