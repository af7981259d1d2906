import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  databaseSecrets,
  parseHosts,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";

/** Connection properties, parsed. */
export type PostgresqlSource = DatabaseSource;

const dialect = {
  defaultPort: 5432,
  parseUrl: parsePostgresqlUrl,
  wantsTls: (options: UrlParts["options"]) =>
    /^(require|verify-ca|verify-full)$/.test(options.sslmode ?? "") || options.ssl === "true",
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
