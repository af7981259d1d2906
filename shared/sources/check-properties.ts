import type { z } from "zod";
import type { Connector } from "../connectors/contract.js";
import { keysAt } from "../connectors/params/describe.js";
import { UserError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";
import { refusalText } from "../script/read/zod-issues.js";
import { didYouMean } from "../script/text/nearest.js";

/**
 * Checks connection properties against the connector's schema.
 *
 * @param path  where the properties stand, for the error
 * @returns the data source as the connector understands it
 * @throws UserError CONFIG_INVALID at the first property at fault, with the value seen unless it may hold a secret
 */
export function checkProperties<S>(connector: Connector<S>, properties: JsonObject, path: string): S {
  const parsed = connector.source.schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const [first] = faultsOf(connector, parsed.error.issues, { properties, path });
  throw first ?? new UserError("CONFIG_INVALID", `${path}: invalid`, { path });
}

/** Everything that is wrong with connection properties; see {@link checkProperties}. */
export function propertyFaults(connector: Connector, properties: JsonObject, path: string): readonly UserError[] {
  const { error } = connector.source.schema.safeParse(properties);
  return error ? faultsOf(connector, error.issues, { properties, path }) : [];
}

interface Given {
  readonly properties: JsonObject;
  readonly path: string;
}

function faultsOf<S>(connector: Connector<S>, issues: readonly z.core.$ZodIssue[], given: Given): UserError[] {
  // A name that is not known is often why another is missing.
  const unknown = issues.filter(({ code }) => code === "unrecognized_keys");
  return (unknown.length > 0 ? unknown : issues).map((issue) => faultOf(connector, issue, given));
}

function faultOf<S>(connector: Connector<S>, issue: z.core.$ZodIssue, { properties, path }: Given): UserError {
  const place = [path, ...issue.path].join(".");
  if (issue.code !== "unrecognized_keys") {
    const [name] = issue.path;
    // A URL may hold a password in more ways than can be told apart.
    const isSecret = connector.source.secrets.some((secret) => secret === name) || /url$/i.test(String(name));
    const why = refusalText(issue, { whole: properties, path: place, isSecret });
    return new UserError("CONFIG_INVALID", `${place}: ${why}`, { path: place });
  }
  const [key = ""] = issue.keys;
  const field = `${place}.${key}`;
  const guess = didYouMean(key, keysAt(connector.source.schema, issue.path));
  return new UserError("CONFIG_INVALID", `${field}: unknown property${guess}`, { path: field });
}
