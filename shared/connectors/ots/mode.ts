import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { flag } from "../file/scalars.js";

/** Keys of both sides that choose how a table is seen. */
export const modeFields = {
  newVersion: flag.optional(),
  mode: z.string().trim().optional(),
  isTimeseriesTable: flag.optional(),
};

/** Names of {@link modeFields}. */
export const modeKeys = ["newVersion", "mode", "isTimeseriesTable"] as const;

/**
 * Lets normal mode pass: one row per record, the newest value of each column.
 *
 * @throws UserError UNSUPPORTED for multiVersion and time series
 */
export function requireNormalMode({
  mode,
  isTimeseriesTable,
}: {
  mode?: string | undefined;
  isTimeseriesTable?: boolean | undefined;
}): void {
  const wanted = mode?.toLowerCase();
  if (wanted && wanted !== "normal") {
    throw new UserError("UNSUPPORTED", `mode "${mode}" is not supported: use "normal"`, { path: "mode" });
  }
  if (isTimeseriesTable) {
    const message =
      "time-series tables are not supported: set isTimeseriesTable to false and use a wide table in normal mode";
    throw new UserError("UNSUPPORTED", message, { path: "isTimeseriesTable" });
  }
}
