import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  optionOf,
  type TlsMode,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { inlineKeys } from "../sql/inline.js";
import { parseSqlserverUrl, sqlserverFromInline } from "./jdbc-url.js";

/** Connection properties, parsed; exactly one address. */
export interface SqlserverSource extends DatabaseSource {
  /** Zone of dates that go into a datetimeoffset; null or absent = nothing said. */
  readonly timeZone?: string | null;
  /** The name that the certificate must carry where it is not the host's. */
  readonly hostNameInCertificate?: string;
  /** TLS begins before anything else is said (TDS 8.0). */
  readonly isStrictTls?: boolean;
}

const rules = {
  defaultPort: 1433,
  parseUrl: parseSqlserverUrl,
  tlsMode(options: UrlParts["options"]): TlsMode | null {
    const encrypt = optionOf(options, "encrypt") ?? "";
    if (/^(true|yes|mandatory|strict)$/i.test(encrypt)) return trustsAny(options) ? "unchecked" : "required";
    return /^(false|no|optional)$/i.test(encrypt) ? "never" : null;
  },
  // The protocol hides a password no better than reversing its letters would.
  usualTls: "unchecked" as const,
};

/** A strict server shows its certificate before anybody may ask to trust it unseen. */
function trustsAny(options: UrlParts["options"]): boolean {
  return /^(?:true|yes)$/i.test(optionOf(options, "trustServerCertificate") ?? "") && !isStrict(options);
}

function isStrict(options: UrlParts["options"]): boolean {
  return /^strict$/i.test(optionOf(options, "encrypt") ?? "");
}

const fields = { ...databaseProperties, timeZone: zoneProperty.optional() };

const schema = z.strictObject(fields).transform((given, context): SqlserverSource => {
  const source = toDatabaseSource(given, context, rules);
  if (source.addresses.length > 1)
    context.addIssue({ code: "custom", path: ["address"], message: "SQL Server takes exactly one address" });
  const name = optionOf(source.options, "hostNameInCertificate");
  return {
    ...source,
    timeZone: given.timeZone ?? null,
    isStrictTls: isStrict(source.options),
    ...(name ? { hostNameInCertificate: name } : {}),
  };
});

/** The data source of SQL Server: a JDBC URL, an address or host and port; database, account, TLS. */
export const sqlserverSource: SourceSpec<SqlserverSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
  fromInline: sqlserverFromInline,
  inlineKeys,
};
