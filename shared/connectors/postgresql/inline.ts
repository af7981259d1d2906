import type { JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { fromInline } from "../sql/inline.js";
import { parsePostgresqlUrl } from "./jdbc-url.js";

/** Takes the connection properties out of a DataX parameter; see `fromInline`. */
export function postgresqlFromInline(parameter: JsonObject): InlineConnections | null {
  return fromInline({ parseUrl, properties: (options) => ({ properties: { ...options } }) }, parameter);
}

function parseUrl(url: string) {
  const parts = parsePostgresqlUrl(url);
  const secret = Object.keys(parts.options).find((name) => /^(?:password|pwd)$/i.test(name));
  if (secret) throw new Error(`must not carry a ${secret}: give it as password`);
  return parts;
}
