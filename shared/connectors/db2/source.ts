import { z } from "zod";
import type { JsonObject } from "../../model/json.js";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  parseHosts,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { secretsOf } from "../params/describe.js";
import { param } from "../params/note.js";
import { fromInline, inlineKeys } from "../sql/inline.js";

/** Connection properties, parsed; exactly one address. */
export type Db2Source = DatabaseSource;

const rules = {
  defaultPort: 50_000,
  parseUrl: parseDb2Url,
  tlsMode: ({ sslConnection }: UrlParts["options"]) => (sslConnection === "true" ? ("required" as const) : null),
  usualTls: "never" as const,
};

const schema = z
  .strictObject({
    ...databaseProperties,
    jdbcDriver: param(z.enum(["db2_1", "db2_2", "as400_1"]).optional(), {
      help: "Changes nothing: it says which driver a JVM would load.",
      hidden: true,
    }),
  })
  .transform((given, context): Db2Source => {
    const source = toDatabaseSource(given, context, rules);
    if (source.addresses.length > 1)
      context.addIssue({ code: "custom", path: ["address"], message: "DB2 takes exactly one address" });
    return source;
  });

/** The data source of DB2: a JDBC URL, an address or host and port; database, account, TLS. */
export const db2Source: SourceSpec<Db2Source> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
  fromInline: (parameter) => fromInline({ parseUrl: parseDb2Url, properties: propertiesOf }, parameter),
  inlineKeys,
};

function propertiesOf({ sslConnection }: UrlParts["options"]): JsonObject {
  return sslConnection === "true" ? { securityProtocol: "authTypeSsl" } : {};
}

/**
 * Parses `jdbc:db2://host:port/database:option=value;`.
 *
 * @throws Error that does not repeat the URL
 */
export function parseDb2Url(url: string): UrlParts {
  const match = /^jdbc:db2:\/\/([^/]+)\/([^:;/?]+)(?::(.*))?$/.exec(url.trim());
  if (!match) throw new Error("is not of the form jdbc:db2://host:port/database:option=value;");
  const [, hosts = "", database = "", options = ""] = match;
  const pairs = [...options.matchAll(/(?:^|;)([^=;]+)=([^;]*)/g)];
  return {
    address: parseHosts(hosts, 50_000),
    database,
    options: Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name.trim(), value.trim()])),
  };
}
