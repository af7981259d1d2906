import { z } from "zod";
import { param } from "../params/note.js";

/** `table`: exactly one, also as a list of one. */
export const otsTableName = param(
  z.preprocess(
    (value) => (Array.isArray(value) && value.length === 1 ? value[0] : value),
    z.string("expected the name of one table").trim().min(1),
  ),
  { help: "Name of the table." },
);
