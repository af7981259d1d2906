import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { optionOf, optionWarnings, tlsWishOf } from "./jdbc-options.js";

/** What {@link mysqlFromInline} takes out. */
export const mysqlInlineKeys = ["username", "password", "jdbcUrl"] as const;

/**
 * Takes the connection properties out of a DataX parameter: `username`, `password` and each connection's `jdbcUrl`
 * (a list of alternatives for readers, one text for writers). Each connection then names an invented data source.
 *
 * @returns null when no connection carries a JDBC URL
 * @throws UserError CONFIG_INVALID at `connection[i].jdbcUrl`, where the URL is not repeated, it may hold a password; or
 *   at `connection[i].querySql` beside a table
 */
export function mysqlFromInline(parameter: JsonObject): InlineConnections | null {
  const { username, password, connection, ...rest } = parameter;
  const list = Array.isArray(connection) ? connection : connection === undefined ? [] : [connection];
  if (!list.some((one) => isJsonObject(one) && one.jdbcUrl !== undefined)) return null;
  const sources: Record<string, JsonObject> = {};
  const warnings: { path: string; message: string }[] = [];
  const placeOf = (index: number) => (Array.isArray(connection) ? `connection[${index}]` : "connection");
  const connections = list.map((one: Json, index): Json => {
    if (!isJsonObject(one) || one.jdbcUrl === undefined) return one;
    const { jdbcUrl, ...tables } = one;
    // DataWorks lets the statement win; DataX, whose spelling this is, refuses.
    if (hasText(one.table) && hasText(one.querySql))
      throw new UserError("CONFIG_INVALID", "give either table or querySql, not both", {
        path: `${placeOf(index)}.querySql`,
      });
    const name = `inline_${index + 1}`;
    const place = `${placeOf(index)}.jdbcUrl`;
    const { leftOut, account, options, ...properties } = alternatives(jdbcUrl, place);
    warnings.push(...leftOut.map(({ path, message }) => ({ path, message: `${message}; it is not tried` })));
    warnings.push(...optionWarnings(options).map((message) => ({ path: place, message })));
    sources[name] = { ...properties, username: `${username ?? ""}${account}`, password: password ?? "" };
    return { datasource: name, ...tables };
  });
  const kept = Array.isArray(connection) ? connections : (connections[0] ?? null);
  return { sources, parameter: { ...rest, connection: kept }, warnings };
}

function hasText(value: Json | undefined): boolean {
  return (Array.isArray(value) ? value : [value]).some((text) => typeof text === "string" && text.trim() !== "");
}

/**
 * Address list, database and options of one or several alternative JDBC URLs, as connection properties.
 *
 * @throws UserError CONFIG_INVALID at `path`; the URL is not repeated
 */
export function jdbcProperties(value: Json | undefined, path: string): JsonObject {
  const { leftOut, account, options: _, ...properties } = alternatives(value, path);
  const [first] = leftOut;
  if (first) throw new UserError("CONFIG_INVALID", first.message, { path: first.path });
  if (account) throw new UserError("CONFIG_INVALID", `jdbcUrl is not of the form ${WANTED}`, { path });
  return properties;
}

/** DataX takes the first URL that answers, so one that cannot is passed over as long as another can. */
function alternatives(value: Json | undefined, path: string) {
  const urls: ParsedUrl[] = [];
  const leftOut: { path: string; message: string }[] = [];
  const list = Array.isArray(value) ? value : [value];
  for (const [index, url] of list.entries()) {
    const place = Array.isArray(value) ? `${path}[${index}]` : path;
    const parsed = parseUrl(url);
    if (typeof parsed === "string") leftOut.push({ path: place, message: parsed });
    else if (urls[0] && urls[0].database !== parsed.database)
      leftOut.push({
        path: place,
        message: "jdbcUrl names another database than the first one; alternatives share one",
      });
    else urls.push(parsed);
  }
  const [first] = urls;
  const [fault] = leftOut;
  if (!first)
    throw new UserError("CONFIG_INVALID", fault?.message ?? "jdbcUrl is an empty list", { path: fault?.path ?? path });
  return {
    address: urls.flatMap((url) => url.address),
    database: first.database,
    ...optionProperties(first.options),
    options: first.options,
    account: first.account,
    leftOut,
  };
}

/** Options of the driver that mean something here as well; they travel as `properties`. */
const countingOptions: ReadonlySet<string> = new Set([
  ...["connectTimeout", "zeroDateTimeBehavior", "serverTimezone", "connectionTimeZone", "sessionVariables"],
  "allowPublicKeyRetrieval",
]);

function optionProperties(options: ParsedUrl["options"]): JsonObject {
  const wish = tlsWishOf(options);
  const kept = [...countingOptions].flatMap((name) => {
    const value = optionOf(options, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (wish === "never") kept.push(["sslMode", "DISABLED"]);
  if (wish === "preferred") kept.push(["sslMode", "PREFERRED"]);
  return {
    ...(wish === "required" || wish === "unchecked"
      ? { securityProtocol: "authTypeSsl", sslVerify: wish === "required" }
      : {}),
    ...(kept.length > 0 ? { properties: Object.fromEntries(kept) } : {}),
  };
}

/** The options of a JDBC URL; none of what is no such URL. */
export function jdbcOptions(url: string): ParsedUrl["options"] {
  const parsed = parseUrl(url);
  return typeof parsed === "string" ? {} : parsed.options;
}

interface ParsedUrl {
  readonly address: { readonly host: string; readonly port: number }[];
  /** Empty = the URL names none. */
  readonly database: string;
  readonly options: Readonly<Record<string, string>>;
  /** What OceanBase's proxy wants behind the user's name, such as `@tenant#cluster`; else empty. */
  readonly account: string;
}

const WANTED = "jdbc:mysql://host:port/database?options";

/** How DataX writes cluster and tenant of OceanBase in front of the URL. */
const OCEANBASE = /^\|\|_dsc_ob10_dsc_\|\|([^:|]+):([^:|]+)\|\|_dsc_ob10_dsc_\|\|/;

/** The parts of a URL, or what is wrong with it. */
function parseUrl(given: Json | undefined): ParsedUrl | string {
  if (typeof given !== "string") return `jdbcUrl is not of the form ${WANTED}`;
  const [prefix = "", cluster, tenant] = OCEANBASE.exec(given.trim()) ?? [];
  const url = given.trim().slice(prefix.length);
  const match = /^jdbc:(?:mysql|mariadb|oceanbase)(?::\w+)?:\/\/([^/?]+)(?:\/([^?/]*))?(?:\?(.*))?$/.exec(url);
  const [, hosts = "", name = "", query = ""] = match ?? [];
  const database = decoded(name);
  if (!match || database === null) return `jdbcUrl is not of the form ${WANTED}`;
  const address = hosts.split(",").map((host) => parseHost(host.trim()));
  if (!address.every((one) => one !== null)) return "jdbcUrl has no valid host and port";
  return {
    address,
    database,
    options: Object.fromEntries(new URLSearchParams(query)),
    account: cluster && tenant ? `@${tenant.trim()}#${cluster.trim()}` : "",
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function parseHost(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:@[\]]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 3306);
  return host && port >= 1 && port <= 65_535 ? { host, port } : null;
}
