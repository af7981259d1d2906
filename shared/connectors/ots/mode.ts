import { z } from "zod";
import { flag } from "../params/fields.js";
import { param } from "../params/note.js";

/** Keys of both sides that choose how a table is seen; only normal mode passes: one row per record, the newest value of each column. */
export const modeFields = {
  newVersion: flag({ help: "Accepted: DataWorks asks for it before the two keys below.", hidden: true }),
  mode: param(
    z
      .string()
      .trim()
      .optional()
      .refine((mode) => !mode || mode.toLowerCase() === "normal", 'this mode is not supported: use "normal"'),
    { help: "How the table is seen; normal: one record a row, the newest value of each column.", choices: ["normal"] },
  ),
  isTimeseriesTable: flag({ help: "Only false: time-series tables are not supported.", hidden: true }).refine(
    (isWanted) => !isWanted,
    "time-series tables are not supported: set it to false and use a wide table in normal mode",
  ),
};
