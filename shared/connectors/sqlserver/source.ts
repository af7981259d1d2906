import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  parseHosts,
  type TlsMode,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { secretsOf } from "../params/describe.js";

/** Connection properties, parsed; exactly one address. */
export type SqlserverSource = DatabaseSource;

const rules = {
  defaultPort: 1433,
  parseUrl: parseSqlserverUrl,
  tlsMode({ encrypt = "" }: UrlParts["options"]): TlsMode | null {
    if (/^(true|yes|mandatory|strict)$/i.test(encrypt)) return "required";
    return /^(false|no|optional)$/i.test(encrypt) ? "never" : null;
  },
  // The protocol hides a password no better than reversing its letters would.
  usualTls: "unchecked" as const,
};

const schema = z.strictObject(databaseProperties).transform((given, context): SqlserverSource => {
  const source = toDatabaseSource(given, context, rules);
  if (source.addresses.length > 1)
    context.addIssue({ code: "custom", path: ["address"], message: "SQL Server takes exactly one address" });
  return source;
});

/** The data source of SQL Server: a JDBC URL, an address or host and port; database, account, TLS. */
export const sqlserverSource: SourceSpec<SqlserverSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
};

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
