import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  type TlsMode,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { inlineKeys } from "../sql/inline.js";
import { postgresqlFromInline } from "./inline.js";
import { parsePostgresqlUrl } from "./jdbc-url.js";

/** Connection properties, parsed. */
export interface PostgresqlSource extends DatabaseSource {
  /** Null or absent = nothing said. */
  readonly timeZone?: string | null;
  /** Where names without a schema are looked for; null or absent = as the server has it for the account. */
  readonly searchPath?: string | null;
}

const rules = {
  defaultPort: 5432,
  parseUrl: parsePostgresqlUrl,
  tlsMode({ sslmode = "", ssl = "" }: UrlParts["options"]): TlsMode | null {
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
  .strictObject({ ...databaseProperties, timeZone: zoneProperty.optional() })
  .transform((given, context): PostgresqlSource => {
    const source = toDatabaseSource(given, context, rules);
    const { timeZone = null } = given;
    return { ...source, timeZone, searchPath: source.options.currentSchema?.trim() || null };
  });

/** The data source of PostgreSQL: a JDBC URL, an address list or host and port; database, account, TLS. */
export const postgresqlSource: SourceSpec<PostgresqlSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
  fromInline: postgresqlFromInline,
  inlineKeys,
};
