import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type JsonObject } from "../../model/json.js";
import { sideZone } from "../../model/side-zone.js";
import { type DatabaseSource, databaseProperties } from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { param } from "../params/note.js";
import { jdbcOptions, jdbcProperties } from "./jdbc.js";
import { allowsKeyRetrieval, optionOf, optionWarnings, tlsWishOf } from "./jdbc-options.js";

const text = z.string().trim();
const yesNo = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Connection properties, parsed. */
export interface MysqlSource extends DatabaseSource {
  /** Dates whose day is `0000-00-00` are read as null. */
  readonly nullsZeroDates: boolean;
  /** The data source's own zone; null = it names none. */
  readonly timeZone: string | null;
  /** The zone that the driver's options name; null = they leave it to the server. */
  readonly urlZone: { readonly option: string; readonly value: string } | null;
  /** Assignments, as the driver's option of that name lists them. */
  readonly sessionVariables: string | null;
}

const properties = z.strictObject({
  ...databaseProperties,
  database: param(text.optional(), {
    help: "Name of the database; empty = none: tables then name theirs, as in database.table.",
    unless: ["jdbcUrl"],
  }),
  timeZone: param(zoneProperty.optional(), {
    help: "Zone of sessions, such as Asia/Shanghai or +08:00: SQL of jobs runs in it, TIMESTAMPs are shown in it.",
    title: "Time zone",
  }),
  properties: param(z.record(z.string(), scalar).default({}), {
    help: "Driver options by their JDBC names, such as connectTimeout in ms; runs warn of those that do not count.",
    title: "Driver options",
  }),
  ssl: param(yesNo.optional(), { help: "True demands TLS, false does without.", title: "TLS" }),
});

/** Schema of a MySQL data source: a JDBC URL, an address list or host and port; database, account, TLS. */
export const mysqlSourceSchema = properties.transform((written, context): MysqlSource => {
  const given = written.jdbcUrl === undefined ? written : withUrl(written, written.jdbcUrl, context);
  if (given === null) return z.NEVER;
  const single = given.host === undefined ? [] : [{ host: given.host, port: given.port }];
  const listed = given.address?.length ? given.address : single;
  const addresses = listed.map(({ host, port = 3306 }) => ({ host, port }));
  if (addresses.length === 0) {
    const told = given.instanceId ? "instances cannot be looked up: give the instance's address" : "required";
    context.addIssue({ code: "custom", path: ["address"], message: told });
    return z.NEVER;
  }
  const { database, username, password, passwordEnv = null } = given;
  if (database === undefined) {
    context.addIssue({ code: "custom", path: ["database"], message: "required" });
    return z.NEVER;
  }
  if (passwordEnv !== null && password !== "") {
    context.addIssue({ code: "custom", path: ["passwordEnv"], message: "give either password or passwordEnv" });
    return z.NEVER;
  }
  const timeout = Number(given.properties.connectTimeout);
  const connectTimeoutMs = Number.isInteger(timeout) && timeout > 0 ? timeout : 10_000;
  // Connector/J has had the word in both spellings.
  const nullsZeroDates = /^convert_?to_?null$/i.test(given.properties.zeroDateTimeBehavior?.trim() ?? "");
  const { timeZone = null, properties: options } = given;
  const urlZone = zoneOption(options, context);
  return {
    ...{ addresses, database, username, password, passwordEnv, ...tlsOf(given), connectTimeoutMs },
    allowsReadablePassword: allowsKeyRetrieval(options),
    ...{ nullsZeroDates, timeZone, urlZone, sessionVariables: optionOf(options, "sessionVariables") ?? null },
  };
});

/** `LOCAL` is the zone of the program that reads, which means nothing here; `SERVER` is what happens without the option. */
function zoneOption(
  options: Readonly<Record<string, string>>,
  context: z.RefinementCtx,
): { option: string; value: string } | null {
  for (const option of ["connectionTimeZone", "serverTimezone"]) {
    const value = optionOf(options, option) ?? "";
    if (value === "" || /^(LOCAL|SERVER)$/i.test(value)) continue;
    if (sideZone(value) !== null) return { option, value };
    const message = `${option} "${value}" is no time zone that is clear; name one such as Asia/Shanghai or +08:00`;
    context.addIssue({ code: "custom", path: ["properties", option], message });
  }
  return null;
}

type Properties = z.infer<typeof properties>;

/** What the URL says wins over single properties; null after an issue. */
function withUrl(written: Properties, url: string, context: z.RefinementCtx): Properties | null {
  const refuse = (message: string) => context.addIssue({ code: "custom", path: ["jdbcUrl"], message });
  if (/[?&](password|pwd)=/i.test(url)) refuse("must not carry a password: remove it, give it as password");
  try {
    const found = jdbcProperties(url, "jdbcUrl");
    const database = found.database || written.database || "";
    const options = { ...written.properties, ...(isJsonObject(found.properties) ? found.properties : {}) };
    const parsed = properties.safeParse({ ...written, ...found, database, properties: options });
    if (parsed.success) return parsed.data;
    refuse("is not valid");
  } catch (error) {
    refuse(error instanceof UserError ? error.message.replace(/^jdbcUrl /, "") : "is not valid");
  }
  return null;
}

/** What the user should know about the driver's options of a data source, whichever way they are written. */
export function sourceWarnings({ jdbcUrl, properties: given }: JsonObject): readonly string[] {
  const single = isJsonObject(given) ? Object.entries(given).map(([name, value]) => [name, String(value)]) : [];
  return optionWarnings({
    ...Object.fromEntries(single),
    ...(typeof jdbcUrl === "string" ? jdbcOptions(jdbcUrl) : {}),
  });
}

/** Properties of the data source win over the driver's options. */
function tlsOf(given: Properties): Pick<DatabaseSource, "tls" | "prefersTls"> {
  const { ssl, securityProtocol, sslCa: ca, sslCert: cert, sslKey: key, sslVerify } = given;
  const isDemanded = ssl ?? (securityProtocol === "authTypeSsl" || ca !== undefined);
  const isLeftOpen = ssl === undefined && securityProtocol === undefined;
  const said = isDemanded ? "required" : ssl === false ? "never" : tlsWishOf(given.properties);
  const wish = said ?? (isLeftOpen ? "preferred" : "never");
  if (wish === "never" || wish === "preferred") return { tls: null, prefersTls: wish === "preferred" };
  const verify = wish === "required" && sslVerify;
  return { tls: { verify, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) } };
}
