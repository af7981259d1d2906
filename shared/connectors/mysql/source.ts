import { z } from "zod";
import { isJsonObject, type JsonObject } from "../../model/json.js";
import { sideZone } from "../../model/side-zone.js";
import {
  type DatabaseRules,
  type DatabaseSource,
  databaseProperties,
  optionOf,
  toDatabaseSource,
  type UrlParts,
} from "../network/database-source.js";
import { parseMysqlUrl } from "../network/mysql-url.js";
import { zoneProperty } from "../network/zone-property.js";
import { param } from "../params/note.js";
import { allowsKeyRetrieval, optionWarnings, tlsModeOf } from "./jdbc-options.js";

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

const rules: DatabaseRules = {
  defaultPort: 3306,
  parseUrl: parseMysqlUrl,
  tlsMode: tlsModeOf,
  usualTls: "preferred",
  isDatabaseOptional: true,
  allowsReadablePassword: allowsKeyRetrieval,
};

/** Schema of a MySQL data source: a JDBC URL, an address list or host and port; database, account, TLS. */
export const mysqlSourceSchema = properties.transform((given, context): MysqlSource => {
  const source = toDatabaseSource(given, context, rules);
  const { options } = source;
  return {
    ...source,
    // Connector/J has had the word in both spellings.
    nullsZeroDates: /^convert_?to_?null$/i.test(optionOf(options, "zeroDateTimeBehavior") ?? ""),
    timeZone: given.timeZone ?? null,
    urlZone: zoneOption(options, context),
    sessionVariables: optionOf(options, "sessionVariables") ?? null,
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

/** What the user should know about the driver's options of a data source, whichever way they are written. */
export function sourceWarnings({ jdbcUrl, properties: given }: JsonObject): readonly string[] {
  const single = isJsonObject(given) ? Object.entries(given).map(([name, value]) => [name, String(value)]) : [];
  return optionWarnings({
    ...Object.fromEntries(single),
    ...(typeof jdbcUrl === "string" ? jdbcOptions(jdbcUrl) : {}),
  });
}

/** Those of what is no such URL are none. */
function jdbcOptions(url: string): UrlParts["options"] {
  try {
    return parseMysqlUrl(url).options;
  } catch {
    return {};
  }
}
