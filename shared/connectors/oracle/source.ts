import { z } from "zod";
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

/** Connection properties, parsed. `database` is a service name, or a SID when `isSid`. */
export interface OracleSource extends DatabaseSource {
  readonly isSid: boolean;
}

const rules = {
  defaultPort: 1521,
  parseUrl: parseOracleUrl,
  tlsMode: ({ protocol }: UrlParts["options"]) => (protocol === "tcps" ? ("required" as const) : null),
  // TLS has a port of its own, and without it the password goes encrypted by a key that is never sent.
  usualTls: "never" as const,
};

const schema = z.strictObject(databaseProperties).transform((given, context): OracleSource => {
  const source = toDatabaseSource(given, context, rules);
  const isSid = BY_SID.test(partsOf(given.jdbcUrl ?? "")?.place ?? "");
  return { ...source, isSid };
});

/** The data source of Oracle: a JDBC URL, an address list or host and port; service or SID, account, TLS. */
export const oracleSource: SourceSpec<OracleSource> = { schema, secrets: secretsOf(schema), borrows: borrowedPassword };

/** `host:port:SID`. */
const BY_SID = /^(\[[^\]]+\]|[^:/]+):(\d+):([\w$#]+)$/;

function partsOf(url: string): { protocol: string; place: string; query: string } | null {
  const match = /^jdbc:oracle:thin:@(?:(?:(tcps?):)?\/\/)?([^()]+)$/i.exec(url.trim());
  if (!match) return null;
  const [, protocol = "tcp", rest = ""] = match;
  const [place = "", query = ""] = rest.split("?");
  return { protocol, place, query };
}

/**
 * Parses `jdbc:oracle:thin:@host:port:SID`, `@//host:port/service`, `@host:port/service` and `@tcps://host:port/service`.
 *
 * @throws Error that does not repeat the URL
 */
export function parseOracleUrl(url: string): UrlParts {
  const parts = partsOf(url);
  const form = "jdbc:oracle:thin:@host:port:SID or jdbc:oracle:thin:@//host:port/service";
  if (!parts) throw new Error(`is not of the form ${form}; descriptors and tnsnames entries are not taken`);
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
