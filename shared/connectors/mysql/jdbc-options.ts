import { own } from "../../model/own.js";
import { optionOf, type TlsMode } from "../network/database-source.js";

/** What becomes of an option of the driver that people know from JDBC: nothing to say, or what happens in its stead. */
type Treatment = (value: string) => string | null;

const isHonoured: Treatment = () => null;
const instead =
  (warning: string): Treatment =>
  () =>
    warning;
const unless =
  (honoured: RegExp, warning: string): Treatment =>
  (value) =>
    honoured.test(value) ? null : warning;

/** True when the options let the driver ask the server for the key that hides the password, as Connector/J names it. */
export function allowsKeyRetrieval(options: Readonly<Record<string, string>>): boolean {
  return optionOf(options, "allowPublicKeyRetrieval")?.toLowerCase() === "true";
}

/** What the options say of TLS by Connector/J's rules; null = nothing. `sslMode` wins over the older names. */
export function tlsModeOf(options: Readonly<Record<string, string>>): TlsMode | null {
  const option = (name: string) => optionOf(options, name)?.toLowerCase() ?? "";
  const mode = option("sslMode");
  if (mode !== "") return tlsModes.get(mode.replaceAll("-", "_")) ?? "unchecked";
  if (option("useSSL") === "true" || option("requireSSL") === "true")
    return option("verifyServerCertificate") === "true" ? "required" : "unchecked";
  return option("useSSL") === "false" ? "never" : null;
}

const tlsModes: ReadonlyMap<string, TlsMode> = new Map([
  ["disabled", "never"],
  ["disable", "never"],
  ["preferred", "preferred"],
  ["verify_ca", "required"],
  ["verify_identity", "required"],
  ["verify_full", "required"],
]);

const certificates = instead("certificates are given as sslCa, sslCert and sslKey of a registered data source");
const moments = instead("a TIMESTAMP stays the same moment; which zone its text is in, the time zone of the job says");
const reconnects = unless(/^false$/i, "a connection that breaks ends the attempt, and the split goes on by another");

/**
 * Options that change what a program does with values, statements or connections. By their names in lower case, as
 * Connector/J takes them in any.
 * Source: MySQL Connector/J developer guide, "Configuration Properties", and DataX's documents of mysqlreader and mysqlwriter.
 */
const treatments: Readonly<Record<string, Treatment>> = {
  ...{ connecttimeout: isHonoured, usessl: isHonoured, sslmode: isHonoured, requiressl: isHonoured },
  ...{ verifyservercertificate: isHonoured, servertimezone: isHonoured, connectiontimezone: isHonoured },
  ...{ sessionvariables: isHonoured, allowpublickeyretrieval: isHonoured },
  zerodatetimebehavior: unless(/^convert_?to_?null$/i, "a zero date is read as it is"),
  user: instead("the account is that of username"),
  password: instead("the password is that of the property password"),
  allowmultiqueries: unless(/^true$/i, "several statements in one entry of preSql or postSql run all the same"),
  useunicode: unless(/^true$/i, "text travels as UTF-8 and arrives unchanged"),
  characterencoding: unless(/^utf-?8(mb[34])?$/i, "text travels as UTF-8 and arrives unchanged"),
  connectioncollation: instead("sessions compare by utf8mb4_general_ci; write COLLATE where another order matters"),
  tinyint1isbit: unless(/^false$/i, "TINYINT(1) is read as a number"),
  transformedbitisboolean: unless(/^false$/i, "TINYINT(1) is read as a number"),
  yearisdatetype: unless(/^false$/i, "YEAR is read as a number"),
  padcharswithspace: unless(/^false$/i, "CHAR is read without the blanks at its end"),
  blobsarestrings: unless(/^false$/i, "BLOB is read as bytes"),
  functionsneverreturnblobs: unless(/^false$/i, "what the server declares as bytes is read as bytes"),
  emptystringsconverttozero: unless(/^false$/i, "an empty text is no zero: for a number it is NULL or a dirty record"),
  jdbccomplianttruncation: unless(/^true$/i, "what does not fit is a dirty record, nothing is cut"),
  sendfractionalseconds: unless(/^true$/i, "fractions of seconds are written"),
  maxrows: unless(/^-1$/, "all rows are read"),
  useaffectedrows: unless(/^false$/i, "records count as written when the server has taken them"),
  sockettimeout: unless(/^0$/, "a statement may take as long as the run"),
  nettimeoutforstreamingresults: instead("the server waits an hour for a slow other side"),
  autoreconnect: reconnects,
  autoreconnectforpools: reconnects,
  ...{ sslca: certificates, servercertificate: certificates, trustcertificatekeystoreurl: certificates },
  ...{ clientcertificatekeystoreurl: certificates, serversslcert: certificates },
  ...{ usetimezone: moments, uselegacydatetimecode: moments, usejdbccomplianttimezoneshift: moments },
  ...{ usegmtmillisfordatetimes: moments, preserveinstants: moments, forceconnectiontimezonetosession: moments },
};

/**
 * What the user should know about options of the driver: each that would change something, by name, with what happens instead,
 * and all that mean nothing here in one line. Values are not repeated: they may be secret.
 */
export function optionWarnings(options: Readonly<Record<string, string>>): string[] {
  const warnings: string[] = [];
  const idle: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const treatment = own(treatments, name.toLowerCase());
    const warning = treatment?.(value.trim());
    if (!treatment) idle.push(name);
    else if (warning) warnings.push(`option ${name} of the JDBC URL is not honoured: ${warning}`);
  }
  const rest = idle.length > 0 ? [`options of the JDBC URL that change nothing here: ${idle.join(", ")}`] : [];
  return [...warnings, ...rest];
}
