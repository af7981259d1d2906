import { z } from "zod";
import type { JsonObject } from "../../model/json.js";
import type { InlineConnections, SourceSpec } from "../contract.js";
import {
  borrowedPassword,
  type DatabaseSource,
  databaseProperties,
  parseHosts,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { param } from "../params/note.js";
import { fromInline, inlineKeys } from "../sql/inline.js";
import { parseDescriptor } from "./descriptor.js";

/** Connection properties, parsed. `database` is a service name, or a SID when `isSid`. */
export interface OracleSource extends DatabaseSource {
  readonly isSid: boolean;
  /** Null = nothing said. */
  readonly timeZone: string | null;
}

const rules = {
  defaultPort: 1521,
  parseUrl: parseOracleUrl,
  tlsMode: ({ protocol }: UrlParts["options"]) => (protocol === "tcps" ? ("required" as const) : null),
  // TLS has a port of its own, and without it the password goes encrypted by a key that is never sent.
  usualTls: "never" as const,
};

const schema = z
  .strictObject({
    ...databaseProperties,
    databaseIs: param(z.enum(["service", "sid"]).optional(), {
      help: "What database names, where no URL says: a service, as usual, or a SID.",
      title: "Database is a",
    }),
    timeZone: zoneProperty.optional(),
  })
  .transform((given, context): OracleSource => {
    const source = toDatabaseSource(given, context, rules);
    const { jdbcUrl, databaseIs, timeZone = null } = given;
    return { ...source, isSid: jdbcUrl === undefined ? databaseIs === "sid" : isSidIn(jdbcUrl), timeZone };
  });

/** The data source of Oracle: a JDBC URL or descriptor, an address list or host and port; service or SID, account, TLS. */
export const oracleSource: SourceSpec<OracleSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
  fromInline: oracleFromInline,
  inlineKeys,
};

/** Takes the connection properties out of a DataX parameter; see `fromInline`. A URL that names a SID stays one. */
function oracleFromInline(parameter: JsonObject): InlineConnections | null {
  const properties = ({ protocol, isSid }: UrlParts["options"]): JsonObject => ({
    ...(protocol === "tcps" ? { securityProtocol: "authTypeSsl" } : {}),
    ...(isSid === "true" ? { databaseIs: "sid" } : {}),
  });
  const parseUrl = (url: string) => {
    const parts = parseOracleUrl(url);
    return { ...parts, options: { ...parts.options, isSid: String(isSidIn(url)) } };
  };
  return fromInline({ parseUrl, properties }, parameter);
}

/** `host:port:SID`. */
const BY_SID = /^(\[[^\]]+\]|[^:/]+):(\d+):([\w$#]+)$/;
const DESCRIPTOR = /^jdbc:oracle:thin:@\s*(\(.*\))\s*$/is;

function isSidIn(url: string): boolean {
  const [, descriptor] = DESCRIPTOR.exec(url.trim()) ?? [];
  if (descriptor === undefined) return BY_SID.test(partsOf(url)?.place ?? "");
  try {
    return parseDescriptor(descriptor).isSid;
  } catch {
    // What is wrong with it was said where its addresses were looked for.
    return false;
  }
}

function partsOf(url: string): { protocol: string; place: string; query: string } | null {
  const match = /^jdbc:oracle:thin:@(?:(?:(tcps?):)?\/\/)?([^()]+)$/i.exec(url.trim());
  if (!match) return null;
  const [, protocol = "tcp", rest = ""] = match;
  const [place = "", query = ""] = rest.split("?");
  return { protocol, place, query };
}

/**
 * Parses `jdbc:oracle:thin:@host:port:SID`, `@//host:port/service`, `@host:port/service`, `@tcps://host:port/service` and
 * `@(DESCRIPTION=…)`.
 *
 * @throws Error that does not repeat the URL
 */
export function parseOracleUrl(url: string): UrlParts {
  const [, descriptor] = DESCRIPTOR.exec(url.trim()) ?? [];
  if (descriptor !== undefined) {
    const { address, database, options } = parseDescriptor(descriptor);
    return { address, database, options };
  }
  const parts = partsOf(url);
  const form =
    "jdbc:oracle:thin:@host:port:SID, jdbc:oracle:thin:@//host:port/service or jdbc:oracle:thin:@(DESCRIPTION=…)";
  if (!parts) throw new Error(`is not of the form ${form}; tnsnames entries are not taken`);
  const { protocol, place, query } = parts;
  const bySid = BY_SID.exec(place);
  const byService = /^([^/]+)\/([^/]+)$/.exec(place);
  const [, host, port, sid] = bySid ?? [];
  const [, hosts, service] = byService ?? [];
  const database = sid ?? service;
  if (database === undefined) throw new Error(`is not of the form ${form}`);
  return {
    address: parseHosts(bySid ? `${host}:${port}` : (hosts ?? ""), 1521),
    database: database.replace(/:(dedicated|shared|pooled)$/i, ""),
    options: { ...Object.fromEntries(new URLSearchParams(query)), protocol: protocol.toLowerCase() },
  };
}
