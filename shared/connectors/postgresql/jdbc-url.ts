import { parseHosts, type UrlParts } from "../network/database-source.js";

/**
 * Parses `jdbc:postgresql://host:port,host2:port2/database?options`.
 *
 * @throws Error that does not repeat the URL
 */
export function parsePostgresqlUrl(url: string): UrlParts {
  const match = /^jdbc:(?:postgresql|pgsql|polardb):\/\/([^/?]+)\/([^?/]+)(?:\?(.*))?$/.exec(url.trim());
  if (!match) throw new Error("is not of the form jdbc:postgresql://host:port/database?options");
  const [, hosts = "", database = "", query = ""] = match;
  return {
    address: parseHosts(hosts, 5432),
    database: decodeURIComponent(database),
    options: Object.fromEntries(new URLSearchParams(query)),
  };
}
