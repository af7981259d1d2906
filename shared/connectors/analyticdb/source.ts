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
import { parseMysqlUrl } from "../network/mysql-url.js";
import { secretsOf } from "../params/describe.js";
import { param } from "../params/note.js";

/** Connection properties, parsed; access id and key stand as user name and password. */
export type AdsSource = DatabaseSource;

const rules = {
  defaultPort: 3306,
  parseUrl: parseMysqlUrl,
  tlsMode: ({ useSSL }: UrlParts["options"]) =>
    useSSL === "true" ? ("required" as const) : useSSL === "false" ? ("never" as const) : null,
  usualTls: "preferred" as const,
  allowsReadablePassword: ({ allowPublicKeyRetrieval }: UrlParts["options"]) => allowPublicKeyRetrieval === "true",
};

const text = z.string().trim();

const schema = z
  .strictObject({
    ...databaseProperties,
    url: param(text.min(1).optional(), {
      help: "host:port, as the console shows it; in place of host and port.",
      title: "Connection URL (host:port)",
    }),
    username: param(text.min(1).optional(), {
      help: "Id of the access key to log in with.",
      title: "Access id",
      unless: ["accessId"],
    }),
    accessId: param(text.min(1).optional(), {
      help: "Other spelling of username.",
      title: "Access id (other spelling)",
    }),
    accessKey: param(text.min(1).optional(), {
      help: "Other spelling of password.",
      title: "Access key (other spelling)",
      secret: true,
    }),
  })
  .transform((given, context): AdsSource => {
    const { url, accessId, accessKey, ...rest } = given;
    const username = given.username ?? accessId ?? "";
    if (username === "") context.addIssue({ code: "custom", path: ["accessId"], message: "required" });
    const password = given.password === "" ? (accessKey ?? "") : given.password;
    const address = given.address ?? (url === undefined ? undefined : hostsOf(url, context));
    return toDatabaseSource({ ...rest, username, password, address }, context, rules);
  });

/** The data source of AnalyticDB 2.0. */
export const adsSource: SourceSpec<AdsSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedPassword,
};

function hostsOf(url: string, context: z.RefinementCtx): { host: string; port: number }[] {
  try {
    return [...parseHosts(url, 3306)];
  } catch {
    context.addIssue({ code: "custom", path: ["url"], message: "expected host:port" });
    return [];
  }
}
