import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";

/**
 * Takes the connection properties out of a DataX parameter: `username`, `password` and each connection's `jdbcUrl`
 * (a list of alternatives for readers, one text for writers). Each connection then names an invented data source.
 *
 * @returns null when no connection carries a JDBC URL
 * @throws UserError CONFIG_INVALID at `connection[i].jdbcUrl`; the URL is not repeated, it may hold a password
 */
export function mysqlFromInline(
  parameter: JsonObject,
): { sources: Readonly<Record<string, JsonObject>>; parameter: JsonObject } | null {
  const { username, password, connection, ...rest } = parameter;
  const list = Array.isArray(connection) ? connection : connection === undefined ? [] : [connection];
  if (!list.some((one) => isJsonObject(one) && one.jdbcUrl !== undefined)) return null;
  const sources: Record<string, JsonObject> = {};
  const connections = list.map((one: Json, index): Json => {
    if (!isJsonObject(one) || one.jdbcUrl === undefined) return one;
    const { jdbcUrl, ...tables } = one;
    const name = `inline_${index + 1}`;
    const account = { username: username ?? "", password: password ?? "" };
    sources[name] = { ...jdbcProperties(jdbcUrl, `connection[${index}].jdbcUrl`), ...account };
    return { datasource: name, ...tables };
  });
  return { sources, parameter: { ...rest, connection: connections } };
}

/**
 * Address list, database and options of one or several alternative JDBC URLs, as connection properties.
 *
 * @throws UserError CONFIG_INVALID at `path`; the URL is not repeated
 */
export function jdbcProperties(value: Json | undefined, path: string): JsonObject {
  const urls = (Array.isArray(value) ? value : [value]).map((url) => parseUrl(url, path));
  const [first] = urls;
  if (!first) throw new UserError("CONFIG_INVALID", "jdbcUrl is an empty list", { path });
  const { database, options } = first;
  const wantsTls = options.sslMode ? !/^(disabled?|preferred)$/i.test(options.sslMode) : options.useSSL === "true";
  const verifies = options.sslMode ? /^verify/i.test(options.sslMode) : options.verifyServerCertificate === "true";
  return {
    address: urls.flatMap((url) => url.address),
    database,
    ...(wantsTls ? { securityProtocol: "authTypeSsl", sslVerify: verifies } : {}),
    ...(options.connectTimeout ? { properties: { connectTimeout: options.connectTimeout } } : {}),
  };
}

interface ParsedUrl {
  readonly address: { readonly host: string; readonly port: number }[];
  readonly database: string;
  readonly options: Readonly<Record<string, string>>;
}

function parseUrl(url: Json | undefined, path: string): ParsedUrl {
  const wanted = "jdbc:mysql://host:port/database?options";
  const match =
    typeof url === "string"
      ? /^jdbc:(?:mysql|mariadb)(?::\w+)?:\/\/([^/?]+)\/([^?/]+)(?:\?(.*))?$/.exec(url.trim())
      : null;
  if (!match) throw new UserError("CONFIG_INVALID", `jdbcUrl is not of the form ${wanted}`, { path });
  const [, hosts = "", database = "", query = ""] = match;
  return {
    address: hosts.split(",").map((host) => parseHost(host.trim(), path)),
    database: decodeURIComponent(database),
    options: Object.fromEntries(new URLSearchParams(query)),
  };
}

function parseHost(text: string, path: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:@[\]]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 3306);
  if (!host || port < 1 || port > 65_535) {
    throw new UserError("CONFIG_INVALID", "jdbcUrl has no valid host and port", { path });
  }
  return { host, port };
}
