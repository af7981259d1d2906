import { UserError } from "../../../model/errors.js";

/**
 * Refuses a number of target tables that the source's tables do not fit: the i-th source table goes into the i-th target
 * table, or all go into one.
 *
 * @throws UserError CONFIG_INVALID at `table`
 */
export function checkTargetCount(targets: number, splitsPerTable: readonly number[]): void {
  if (targets <= 1 || targets === splitsPerTable.length) return;
  const message = `${targets} target tables need as many source tables, the first for the first, but the source has ${splitsPerTable.length}; name one target for all, or as many as there are source tables`;
  throw new UserError("CONFIG_INVALID", message, { path: "table" });
}

/** The 0-based number of the source table that a split belongs to; -1 when there is no such split. */
export function tableOfSplit(split: number, splitsPerTable: readonly number[]): number {
  let end = 0;
  return splitsPerTable.findIndex((splits) => {
    end += splits;
    return split < end;
  });
}
