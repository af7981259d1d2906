import type { JsonObject } from "./json.js";

/** Secret properties at rest: AES-256-GCM, all parts base64. */
export interface Sealed {
  /** Which key opens it, such as `env:3f9c…` or `kms:key-…`. */
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
  /** The data key as KMS wrapped it; absent when the key comes from the environment. */
  readonly wrappedKey?: string;
}

/** The connection properties of a data source, secrets sealed. */
export interface SealedProperties {
  /** The connector's name. */
  readonly type: string;
  readonly properties: JsonObject;
  /** What the seal is bound to; opening needs the same text. */
  readonly boundTo: string;
  /** The secret properties; null when the source has none. */
  readonly sealed: Sealed | null;
  /** Names of those that are set; absent = not known, any may be. */
  readonly secretNames?: readonly string[];
}
