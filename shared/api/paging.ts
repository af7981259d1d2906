import { z } from "zod";

/** `limit` and `page` of a listing. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe("Items wanted at most; fewer may come"),
  page: z
    .string()
    .max(1000)
    .nullable()
    .default(null)
    .describe("`nextPage` of the answer before; absent = from the start"),
});

/** The answer of a listing. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextPage: z.string().nullable().describe("The next `page`; null = that was all"),
  });
}
