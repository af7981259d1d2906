import type { Connector } from "../connectors/contract.js";
import { UserError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";

/** All variables whose values data sources may log in with begin so. */
const START = "SLUICE_SECRET_";

/**
 * A variable of the functions is everybody's who knows its name, so the name says whose it is:
 * `SLUICE_SECRET_<workspace>__<NAME>`, the workspace letter for letter. A NAME has no two underscores in a row and neither
 * begins nor ends with one: of `a` and `a__b` exactly one can be meant.
 *
 * @throws UserError CONFIG_INVALID when the properties name a variable of another workspace, or of none
 */
export function requireOwnVariable({ source }: Connector, properties: JsonObject, workspace: string): void {
  const property = source.borrows?.(properties) ?? null;
  const value = property === null ? undefined : properties[property];
  // As the schema reads it.
  const variable = typeof value === "string" ? value.trim() : "";
  if (!variable.startsWith(START) || workspaceOf(variable) === workspace) return;
  const path = `properties.${property}`;
  const message = `${path}: ${variable} is no variable of workspace "${workspace}"; its variables are called ${START}${workspace}__ and a name in capital letters`;
  throw new UserError("CONFIG_INVALID", message, { path });
}

function workspaceOf(variable: string): string | null {
  const rest = variable.slice(START.length);
  // The last ones: an underscore too many belongs to the workspace's name.
  const at = rest.lastIndexOf("__");
  return at > 0 && /^[A-Z0-9]+(_[A-Z0-9]+)*$/.test(rest.slice(at + 2)) ? rest.slice(0, at) : null;
}
