import { z } from "zod";
import type { CatalogColumn, CatalogPage } from "../model/catalog.js";

/** A step of a connectivity test. */
export const connectivityStep = z
  .object({
    name: z.enum(["resolve", "connect", "tls", "login", "exists", "read", "write"]),
    ok: z.boolean(),
    durationMs: z.number(),
    message: z.string(),
    hint: z.string().exactOptional(),
  })
  .meta({ id: "CheckStep" });

/** What a connectivity test found. */
export const testedConnection = z.object({
  ok: z.boolean(),
  steps: z.array(connectivityStep),
});

/** A page of tables. */
export const catalogPage = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(["table", "view", "object"]),
      rows: z.number().nullable(),
      bytes: z.number().nullable(),
      comment: z.string(),
    }),
  ),
  nextPage: z.string().nullable(),
  note: z.string().exactOptional(),
}) satisfies z.ZodType<CatalogPage>;

/** A column of a table. */
export const catalogColumn = z.object({
  name: z.string(),
  type: z.enum(["long", "double", "string", "date", "bool", "bytes"]),
  nativeType: z.string().exactOptional(),
  declared: z.string(),
  nullable: z.boolean().nullable(),
  key: z.number().nullable(),
}) satisfies z.ZodType<CatalogColumn>;
