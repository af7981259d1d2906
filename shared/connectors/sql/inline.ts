import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import type { UrlParts } from "../network/database-source.js";

/** What {@link fromInline} takes out. */
export const inlineKeys = ["username", "password", "jdbcUrl"] as const;

/** What the JDBC URLs of a system's DataX scripts become. */
export interface InlineRules {
  /** `account` stands behind the user's name. @throws Error with a message for the user that does not repeat the URL: it may hold a password */
  parseUrl(url: string): UrlParts & { readonly account?: string };
  /** The connection properties that the driver's options become. */
  properties(options: UrlParts["options"]): JsonObject;
  /** What the user should know about the options; no values. */
  warnings?(options: UrlParts["options"]): readonly string[];
}

type Parsed = ReturnType<InlineRules["parseUrl"]>;

interface Advice {
  readonly path: string;
  readonly message: string;
}

/**
 * Takes the connection properties out of a DataX parameter: `username`, `password` and each connection's `jdbcUrl`
 * (a list of alternatives for readers, one text for writers). Each connection then names an invented data source.
 *
 * @returns null when no connection carries a JDBC URL
 * @throws UserError CONFIG_INVALID at `connection[i].jdbcUrl`, where the URL is not repeated; or at `connection[i].querySql` beside a table
 */
export function fromInline(rules: InlineRules, parameter: JsonObject): InlineConnections | null {
  const { username, password, connection, ...rest } = parameter;
  const list = Array.isArray(connection) ? connection : connection === undefined ? [] : [connection];
  if (!list.some((one) => isJsonObject(one) && one.jdbcUrl !== undefined)) return null;
  const sources: Record<string, JsonObject> = {};
  const warnings: Advice[] = [];
  const connections = list.map((one: Json, index): Json => {
    if (!isJsonObject(one) || one.jdbcUrl === undefined) return one;
    const { jdbcUrl, ...tables } = one;
    const place = Array.isArray(connection) ? `connection[${index}]` : "connection";
    refuseBoth(one, place);
    const name = `inline_${index + 1}`;
    const { urls, first, leftOut } = alternatives(rules, jdbcUrl, `${place}.jdbcUrl`);
    const messages = rules.warnings?.(first.options) ?? [];
    warnings.push(...leftOut.map(({ path, message }) => ({ path, message: `${message}; it is not tried` })));
    warnings.push(...messages.map((message) => ({ path: `${place}.jdbcUrl`, message })));
    const address = urls.flatMap((url) => url.address.map(({ host, port }) => ({ host, port })));
    sources[name] = {
      ...{ address, database: first.database, ...rules.properties(first.options) },
      ...{ username: `${username ?? ""}${first.account ?? ""}`, password: password ?? "" },
    };
    return { datasource: name, ...tables };
  });
  const kept = Array.isArray(connection) ? connections : (connections[0] ?? null);
  return { sources, parameter: { ...rest, connection: kept }, warnings };
}

/** DataWorks lets the statement win; DataX, whose spelling this is, refuses. */
function refuseBoth({ table, querySql }: JsonObject, place: string): void {
  if (!hasText(table) || !hasText(querySql)) return;
  throw new UserError("CONFIG_INVALID", "give either table or querySql, not both", { path: `${place}.querySql` });
}

function hasText(value: Json | undefined): boolean {
  return (Array.isArray(value) ? value : [value]).some((text) => typeof text === "string" && text.trim() !== "");
}

/** DataX takes the first URL that answers, so one that cannot is passed over as long as another can. */
function alternatives(rules: InlineRules, value: Json, path: string) {
  const urls: Parsed[] = [];
  const leftOut: Advice[] = [];
  const list = Array.isArray(value) ? value : [value];
  for (const [index, url] of list.entries()) {
    const place = Array.isArray(value) ? `${path}[${index}]` : path;
    const parsed = parsedOrFault(rules, url);
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
  return { urls, first, leftOut };
}

function parsedOrFault(rules: InlineRules, url: Json): Parsed | string {
  try {
    return rules.parseUrl(typeof url === "string" ? url : "");
  } catch (error) {
    return `jdbcUrl ${error instanceof Error ? error.message : "is not valid"}`;
  }
}
