import type { z } from "zod";

/** A value as it is sent: what a schema lets in or out, which nobody changes any more. Free JSON is anybody's. */
export type Sent<T> = z.core.util.JSONType extends T
  ? unknown
  : T extends object
    ? { readonly [K in keyof T]: Sent<T[K]> }
    : T;
