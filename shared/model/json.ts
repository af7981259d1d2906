/** Plain data as it travels between functions and rests in tables. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; absent and `undefined` members mean the same. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** True for a JSON object: neither null, nor a list, nor a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
