import type { JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { optionOf, type UrlParts } from "../network/database-source.js";
import { parseMysqlUrl } from "../network/mysql-url.js";
import { fromInline } from "../sql/inline.js";
import { optionWarnings, tlsModeOf } from "./jdbc-options.js";

/** Takes the connection properties out of a DataX parameter; see `fromInline`. */
export function mysqlFromInline(parameter: JsonObject): InlineConnections | null {
  return fromInline({ parseUrl, properties: optionProperties, warnings: optionWarnings }, parameter);
}

/** How DataX writes cluster and tenant of OceanBase in front of the URL. */
const oceanbase = /^\|\|_dsc_ob10_dsc_\|\|([^:|]+):([^:|]+)\|\|_dsc_ob10_dsc_\|\|/;

/** A URL of a script; OceanBase's proxy wants `@tenant#cluster` behind the user's name. */
function parseUrl(url: string): UrlParts & { readonly account: string } {
  const [prefix = "", cluster, tenant] = oceanbase.exec(url.trim()) ?? [];
  const account = cluster && tenant ? `@${tenant.trim()}#${cluster.trim()}` : "";
  return { ...parseMysqlUrl(url.trim().slice(prefix.length)), account };
}

/** Options of the driver that mean something here as well; they travel as `properties`. */
const countingOptions: ReadonlySet<string> = new Set([
  ...["connectTimeout", "zeroDateTimeBehavior", "serverTimezone", "connectionTimeZone", "sessionVariables"],
  "allowPublicKeyRetrieval",
]);

function optionProperties(options: UrlParts["options"]): JsonObject {
  const mode = tlsModeOf(options);
  const kept = [...countingOptions].flatMap((name) => {
    const value = optionOf(options, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (mode === "never") kept.push(["sslMode", "DISABLED"]);
  if (mode === "preferred") kept.push(["sslMode", "PREFERRED"]);
  return {
    ...(mode === "required" || mode === "unchecked"
      ? { securityProtocol: "authTypeSsl", sslVerify: mode === "required" }
      : {}),
    ...(kept.length > 0 ? { properties: Object.fromEntries(kept) } : {}),
  };
}
