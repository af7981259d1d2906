import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { parsePostgresqlUrl } from "./jdbc-url.js";

/**
 * Takes the connection properties out of a DataX parameter: `username`, `password` and each connection's `jdbcUrl` (a list of
 * alternatives for readers, one text for writers). Each connection then names an invented data source.
 *
 * @returns null when no connection carries a JDBC URL
 * @throws UserError CONFIG_INVALID at `connection[i].jdbcUrl`, where the URL is not repeated, it may hold a password
 */
export function postgresqlFromInline(parameter: JsonObject): InlineConnections | null {
  const { username, password, connection, ...rest } = parameter;
  const list = Array.isArray(connection) ? connection : connection === undefined ? [] : [connection];
  if (!list.some((one) => isJsonObject(one) && one.jdbcUrl !== undefined)) return null;
  const sources: Record<string, JsonObject> = {};
  const connections = list.map((one: Json, index): Json => {
    if (!isJsonObject(one) || one.jdbcUrl === undefined) return one;
    const { jdbcUrl, ...tables } = one;
    const place = Array.isArray(connection) ? `connection[${index}]` : "connection";
    const name = `inline_${index + 1}`;
    sources[name] = {
      ...alternatives(jdbcUrl, `${place}.jdbcUrl`),
      username: username ?? "",
      password: password ?? "",
    };
    return { datasource: name, ...tables };
  });
  const kept = Array.isArray(connection) ? connections : (connections[0] ?? null);
  return { sources, parameter: { ...rest, connection: kept } };
}

/** The addresses of all URLs, tried in order; they share a database. */
function alternatives(value: Json | undefined, path: string): JsonObject {
  const urls = (Array.isArray(value) ? value : [value]).map((url) => {
    try {
      return parsePostgresqlUrl(typeof url === "string" ? url : "");
    } catch (error) {
      throw new UserError("CONFIG_INVALID", `jdbcUrl ${error instanceof Error ? error.message : "is not valid"}`, {
        path,
      });
    }
  });
  const [first] = urls;
  if (!first) throw new UserError("CONFIG_INVALID", "jdbcUrl is an empty list", { path });
  if (urls.some(({ database }) => database !== first.database))
    throw new UserError("CONFIG_INVALID", "the URLs name different databases; alternatives share one", { path });
  const address = urls.flatMap((url) => url.address.map(({ host, port }) => ({ host, port })));
  const secret = Object.keys(first.options).find((name) => /^(?:password|pwd)$/i.test(name));
  if (secret)
    throw new UserError("CONFIG_INVALID", `jdbcUrl must not carry a ${secret}: give it as password`, { path });
  return { address, database: first.database, properties: { ...first.options } };
}
