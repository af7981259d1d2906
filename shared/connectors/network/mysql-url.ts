import { parseHosts, type UrlParts } from "./database-source.js";

/**
 * Parses `jdbc:mysql://host:port,host2:port2/database?options`, also under the names of MariaDB and OceanBase; the database may be
 * left out.
 *
 * @throws Error that does not repeat the URL
 */
export function parseMysqlUrl(url: string): UrlParts {
  const match = /^jdbc:(?:mysql|mariadb|oceanbase)(?::\w+)?:\/\/([^/?]+)(?:\/([^?/]*))?(?:\?(.*))?$/.exec(url.trim());
  const [, hosts = "", name = "", query = ""] = match ?? [];
  const database = decoded(name);
  if (!match || database === null) throw new Error("is not of the form jdbc:mysql://host:port/database?options");
  return { address: parseHosts(hosts, 3306), database, options: Object.fromEntries(new URLSearchParams(query)) };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
