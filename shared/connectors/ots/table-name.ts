import { z } from "zod";

/** `table`: exactly one, also as a list of one. */
export const tableName = z.preprocess(
  (value) => (Array.isArray(value) && value.length === 1 ? value[0] : value),
  z.string("expected the name of one table").trim().min(1),
);
