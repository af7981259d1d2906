import { z } from "zod";
import { UserError } from "../../model/errors.js";
import type { JsonObject } from "../../model/json.js";
import { param } from "../params/note.js";
import type { NetworkTarget } from "./guard.js";

const text = z.string().trim();
const port = z.coerce.number().int().min(1).max(65_535);
const yesNo = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** No URL of a driver is longer, and what takes one apart may look at each of its characters as often as it has any. */
const MAX_URL_CHARS = 4000;

/** How TLS is done; certificates and keys in PEM. */
export interface TlsSetting {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the server's certificate must be trusted and carry the host's name. */
  readonly verify: boolean;
}

/** Connection properties of a database server, parsed. */
export interface DatabaseSource {
  /** Tried in order until one answers. */
  readonly addresses: readonly NetworkTarget[];
  readonly database: string;
  readonly username: string;
  /** The password itself, or empty when `passwordEnv` names where it is. */
  readonly password: string;
  readonly passwordEnv: string | null;
  /** Null = not demanded. */
  readonly tls: TlsSetting | null;
  /** Not demanded, but done without a look at the certificate wherever the server offers it. */
  readonly prefersTls?: boolean;
  /** The password may go readable over a connection that is not encrypted, where the server asks for it so. */
  readonly allowsReadablePassword?: boolean;
  readonly connectTimeoutMs: number;
  /** The driver's options, of the URL and of `properties` together. */
  readonly options?: UrlParts["options"];
}

/** What a JDBC URL says. */
export interface UrlParts {
  readonly address: readonly NetworkTarget[];
  readonly database: string;
  readonly options: Readonly<Record<string, string>>;
}

/** What DataWorks stores beside a connection; the address decides. */
export function storedBeside<S extends z.ZodType>(schema: S): S {
  return param(schema, { help: "Changes nothing: DataWorks stores it.", type: "text", hidden: true });
}

/** One address of `address`; without a port the type's usual one is taken. */
export const addressFields = {
  host: param(text.min(1), { help: "Name or address of the server." }),
  port: param(port.optional(), { help: "Its port; without it the usual one." }),
};

/** Properties that every database server has, in the spelling of DataWorks; spread into a `z.strictObject`. */
export const databaseProperties = {
  jdbcUrl: param(text.min(1).max(MAX_URL_CHARS).optional(), {
    help: "Address, database and driver options in one, without a password; in place of the properties below.",
    title: "JDBC URL",
  }),
  address: param(z.array(z.strictObject(addressFields)).optional(), {
    help: "Addresses of the server, tried in this order until one answers.",
    unless: ["host", "jdbcUrl"],
  }),
  host: param(text.min(1).optional(), { help: "Name or address of the server, where there is one only." }),
  port: param(port.optional(), { help: "Port of the server; without it the usual one." }),
  database: param(text.min(1).optional(), { help: "Name of the database.", unless: ["jdbcUrl"] }),
  username: param(text.min(1), { help: "Account to log in with.", title: "User name" }),
  password: param(z.string().default(""), { help: "Password of the account.", secret: true }),
  // Others than these must not leave the function; whose it is, its name says.
  passwordEnv: param(
    text
      .regex(/^SLUICE_SECRET_[A-Za-z0-9_]{1,200}$/, "expected a name such as SLUICE_SECRET_<workspace>__<NAME>")
      .optional(),
    {
      help: "Variable of the functions that holds the password, such as SLUICE_SECRET_<workspace>__<NAME>; in place of it.",
      title: "Variable that holds the password",
    },
  ),
  properties: param(z.record(z.string(), scalar).default({}), {
    help: "Driver options by their JDBC names; connectTimeout in ms and those of TLS count, the others change nothing.",
    title: "Driver options",
  }),
  securityProtocol: param(z.enum(["authTypeNone", "authTypeSsl"]).optional(), {
    help: "authTypeSsl demands TLS; without it, and without an option that says, TLS is done as the type prefers.",
    title: "Encryption",
  }),
  sslVerify: param(yesNo.default(true), {
    help: "Where TLS is demanded, the server's certificate must be trusted and carry the host's name.",
    title: "Verify the server's certificate",
  }),
  sslCa: param(text.optional(), {
    help: "Certificate in PEM of the authority to trust; demands TLS.",
    title: "Certificate of the authority (PEM)",
  }),
  sslCert: param(text.optional(), { help: "Certificate in PEM to log in with.", title: "Client certificate (PEM)" }),
  sslKey: param(text.optional(), {
    help: "Private key in PEM of that certificate.",
    title: "Client key (PEM)",
    secret: true,
  }),
  envType: storedBeside(scalar.optional()),
  regionId: storedBeside(text.optional()),
  instanceId: storedBeside(text.optional()),
  readOnlyDBInstance: storedBeside(scalar.optional()),
  driverVersion: storedBeside(text.optional()),
};

/** The property that names a variable of the functions in place of a password; see `SourceSpec.borrows`. */
export function borrowedPassword({ passwordEnv }: JsonObject): string | null {
  return passwordEnv === undefined || passwordEnv === null ? null : "passwordEnv";
}

const given = z.object(databaseProperties);

/** What a type does differently. */
export interface DatabaseRules {
  readonly defaultPort: number;
  /** @throws Error with a message for the user that does not repeat the URL: it may hold a password */
  readonly parseUrl: (url: string) => UrlParts;
  /** What the driver's options say of TLS; null = nothing. */
  readonly tlsMode: (options: UrlParts["options"]) => TlsMode | null;
  /** What is done when nobody says. */
  readonly usualTls: TlsMode;
  /** A data source may name no database: tables then name theirs. */
  readonly isDatabaseOptional?: true;
  /** True when the options let the password go readable; absent = no option does. */
  readonly allowsReadablePassword?: (options: UrlParts["options"]) => boolean;
}

/** `unchecked` = demanded, whatever the certificate. */
export type TlsMode = "never" | "preferred" | "unchecked" | "required";

/** The properties of {@link databaseProperties}, parsed, and those that some types have beside them. */
export type GivenDatabase = z.output<typeof given> & {
  /** True demands TLS, false does without, whatever else says. */
  readonly ssl?: boolean | undefined;
};

/**
 * Makes one source of either spelling, URL or host and port. For the `transform` of a type's schema: faults become
 * issues of the context.
 */
export function toDatabaseSource(
  properties: GivenDatabase,
  context: z.RefinementCtx,
  rules: DatabaseRules,
): DatabaseSource & { readonly options: UrlParts["options"] } {
  const url = properties.jdbcUrl === undefined ? null : urlParts(properties.jdbcUrl, rules, context);
  const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  const addresses = url?.address ?? addressesOf(properties, rules);
  if (addresses.length === 0 && properties.jdbcUrl === undefined) {
    const notSearched = "instances cannot be looked up: give the instance's address";
    refuse("address", properties.instanceId ? notSearched : "required: host and port, or a jdbcUrl");
  }
  const database = url?.database || (properties.database ?? "");
  const isMissing = rules.isDatabaseOptional ? !url && properties.database === undefined : database === "";
  if (isMissing && properties.jdbcUrl === undefined) refuse("database", "required");
  else if (isMissing && url) refuse("jdbcUrl", "names no database");
  if (properties.passwordEnv !== undefined && properties.password !== "")
    refuse("passwordEnv", "give either password or passwordEnv");
  const { username, password, passwordEnv = null } = properties;
  const options = { ...properties.properties, ...url?.options };
  const timeout = Number(optionOf(options, "connectTimeout"));
  return {
    ...{ addresses, database, username, password, passwordEnv, options },
    ...tlsOf(properties, rules.tlsMode(options), rules.usualTls),
    allowsReadablePassword: rules.allowsReadablePassword?.(options) ?? false,
    connectTimeoutMs: Number.isInteger(timeout) && timeout > 0 ? timeout : 10_000,
  };
}

function addressesOf(
  { address, host, port: one }: GivenDatabase,
  { defaultPort }: DatabaseRules,
): readonly NetworkTarget[] {
  const single = host === undefined ? [] : [{ host, port: one }];
  const listed = address?.length ? address : single;
  return listed.map(({ host: name, port: number = defaultPort }) => ({ host: name, port: number }));
}

/** An option by its name in whatever case. */
export function optionOf(options: UrlParts["options"], name: string): string | undefined {
  const found = Object.entries(options).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1].trim();
}

/**
 * The password to log in with.
 *
 * @throws UserError CONFIG_INVALID when the variable that should hold it is not set here
 */
export function passwordOf(source: Pick<DatabaseSource, "password" | "passwordEnv">, env: NodeJS.ProcessEnv): string {
  if (source.passwordEnv === null) return source.password;
  const found = env[source.passwordEnv];
  if (found) return found;
  throw new UserError("CONFIG_INVALID", `the functions have no variable ${source.passwordEnv}`, {
    path: "passwordEnv",
  });
}

/**
 * Splits `host:port,host2` as JDBC URLs have it.
 *
 * @throws Error when a part is no host and port
 */
export function parseHosts(list: string, defaultPort: number): readonly NetworkTarget[] {
  return list.split(",").map((part) => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:@[\]/\s]+))(?::(\d+))?$/.exec(part.trim());
    const host = match?.[1] ?? match?.[2];
    const number = Number(match?.[3] ?? defaultPort);
    if (!host || number < 1 || number > 65_535) throw new Error("has no valid host and port");
    return { host, port: number };
  });
}

function urlParts(url: string, rules: DatabaseRules, context: z.RefinementCtx): UrlParts | null {
  try {
    const parts = rules.parseUrl(url);
    const secret = Object.keys(parts.options).find((name) => /^(password|pwd)$/i.test(name));
    if (secret) throw new Error(`must not carry a password: remove the option ${secret}, give it as password`);
    return parts;
  } catch (error) {
    const message = error instanceof Error ? error.message : "is not valid";
    context.addIssue({ code: "custom", path: ["jdbcUrl"], message });
    return null;
  }
}

/** Whoever asks for more wins: properties and options are both somebody's word. */
function tlsOf(
  properties: GivenDatabase,
  said: TlsMode | null,
  usual: TlsMode,
): Pick<DatabaseSource, "tls" | "prefersTls"> {
  const { ssl, securityProtocol, sslCa: ca, sslCert: cert, sslKey: key, sslVerify: verify } = properties;
  const isDemanded = ssl ?? (securityProtocol === "authTypeSsl" || ca !== undefined || said === "required");
  const left = ssl === false ? "never" : (said ?? (securityProtocol === "authTypeNone" ? "never" : usual));
  const mode = isDemanded ? "required" : left;
  if (mode === "never" || mode === "preferred") return { tls: null, prefersTls: mode === "preferred" };
  const isChecked = mode === "required" && verify;
  return { tls: { verify: isChecked, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) } };
}
