import { z } from "zod";
import { flag } from "../file/scalars.js";

/** Keys of both sides that choose how a table is seen; only normal mode passes: one row per record, the newest value of each column. */
export const modeFields = {
  newVersion: flag.optional(),
  mode: z
    .string()
    .trim()
    .optional()
    .refine((mode) => !mode || mode.toLowerCase() === "normal", 'this mode is not supported: use "normal"'),
  isTimeseriesTable: flag
    .optional()
    .refine(
      (isWanted) => !isWanted,
      "time-series tables are not supported: set it to false and use a wide table in normal mode",
    ),
};

/** Names of {@link modeFields}. */
export const modeKeys = ["newVersion", "mode", "isTimeseriesTable"] as const;
