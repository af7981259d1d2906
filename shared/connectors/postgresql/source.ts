import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  databaseSecrets,
  parseHosts,
  type TlsWish,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";

/** Connection properties, parsed. */
export type PostgresqlSource = DatabaseSource;

const dialect = {
  defaultPort: 5432,
  parseUrl: parsePostgresqlUrl,
  tlsWish({ sslmode = "", ssl = "" }: UrlParts["options"]): TlsWish | null {
    if (/^(require|verify-ca|verify-full)$/.test(sslmode) || ssl === "true") return "required";
    if (sslmode === "disable" || (sslmode === "" && ssl === "false")) return "never";
    return /^(allow|prefer)$/.test(sslmode) ? "preferred" : null;
  },
  usualTls: "preferred" as const,
  // libpq's name for it; the JDBC driver has none.
  allowsReadablePassword: ({ require_auth = "" }: UrlParts["options"]) =>
    require_auth.split(",").some((method) => method.trim() === "password"),
};

const schema = z
  .strictObject(databaseProperties)
  .transform((given, context): PostgresqlSource => toDatabaseSource(given, context, dialect));

/** The data source of PostgreSQL: a JDBC URL, an address list or host and port; database, account, TLS. */
export const postgresqlSource: SourceSpec<PostgresqlSource> = {
  schema,
  secrets: databaseSecrets,
  borrows: borrowedPassword,
};

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
