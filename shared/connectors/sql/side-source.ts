import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { Side } from "../contract.js";

/** The data source that a place names, or the first one of the step. */
export function sourceOf<S, P>(side: Side<S, P>, datasource: string | null): S {
  if (datasource === null) return side.source;
  const found = own(side.sources, datasource);
  // A step with one data source may be run with another in its place, under any name.
  if (found === undefined && Object.keys(side.sources).length <= 1) return side.source;
  if (found === undefined)
    throw new UserError("NOT_FOUND", `data source "${datasource}" does not exist`, { path: "datasource" });
  return found;
}
