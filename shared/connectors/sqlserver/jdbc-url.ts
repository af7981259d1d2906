import type { JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { parseHosts, type UrlParts } from "../network/database-source.js";
import { fromInline } from "../sql/inline.js";

/** Takes the connection properties out of a DataX parameter; see `fromInline`. */
export function sqlserverFromInline(parameter: JsonObject): InlineConnections | null {
  return fromInline({ parseUrl: parseInlineUrl, properties: (options) => ({ properties: { ...options } }) }, parameter);
}

function parseInlineUrl(url: string): UrlParts {
  const parts = parseSqlserverUrl(url);
  const secret = Object.keys(parts.options).find((name) => /^(?:password|pwd)$/i.test(name));
  if (secret) throw new Error(`must not carry a ${secret}: give it as password`);
  return parts;
}

/**
 * Parses `jdbc:sqlserver://host:port;databaseName=shop;encrypt=true`.
 *
 * @throws Error that does not repeat the URL
 */
export function parseSqlserverUrl(url: string): UrlParts {
  const match = /^jdbc:(?:microsoft:)?sqlserver:\/\/([^;/]+)(?:;(.*))?$/i.exec(url.trim());
  if (!match) throw new Error("is not of the form jdbc:sqlserver://host:port;databaseName=name");
  const [, address = "", rest = ""] = match;
  const [server = "", instance] = address.split("\\");
  if (instance !== undefined && !instance.includes(":"))
    throw new Error("names an instance without a port: give the instance's port, as in host:1433");
  const port = instance?.split(":")[1];
  const options = parseOptions(rest);
  const { databaseName, database = databaseName, ...others } = options;
  return {
    address: parseHosts(port === undefined ? server : `${server}:${port}`, 1433),
    database: database ?? "",
    options: others,
  };
}

/** `name=value;` pairs; a value in braces may hold semicolons. */
function parseOptions(text: string): Record<string, string> {
  const options = new Map<string, string>();
  for (const [, name = "", braced, plain = ""] of text.matchAll(/(?:^|;)([^=;]+)=(?:\{([^}]*)\}|([^;]*))/g)) {
    const key = name.trim();
    const known = ["databaseName", "database", "encrypt"].find((one) => one.toLowerCase() === key.toLowerCase());
    options.set(known ?? key, braced ?? plain.trim());
  }
  return Object.fromEntries(options);
}
