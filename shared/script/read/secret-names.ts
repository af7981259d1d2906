/** Percent-encoding is undone this often: drivers decode once, and what stands in front of them perhaps again. */
const MOST_DECODINGS = 5;

/** What names of secrets end in or hold, folded; see {@link foldName}. */
const MEANINGS: readonly RegExp[] = [
  /passw(or)?d|passphrase|passcode|(?<!by)pass$|pwd|kennwort|密码|口令/u,
  /secret|密钥/u,
  /token$/u,
  /credentials?$|apikey|accesskey|privatekey|clientkey|signingkey|masterkey|signature$/u,
];

/** Names, folded, that sound like secrets and are none, as drivers and services have them. Looked at first. */
const HARMLESS: ReadonlySet<string> = new Set(
  [
    // MySQL and MariaDB
    ...["passwordCharacterEncoding", "disconnectOnExpiredPasswords", "credentialType", "useSpecialSecret"],
    // PostgreSQL
    ...["sslPasswordCallback", "passwordEncryption"],
    // SQL Server
    ...["accessTokenCallbackClass", "keyStoreAuthentication", "serverNameAsAccessToken", "clientKey"],
    // The cloud's own: names of keys, not keys; and ours: the name of a variable
    ...["accessKeyId", "OSSAccessKeyId", "accessId", "passwordEnv"],
  ].map(foldName),
);

/** A name as its meaning is looked for: decoded, without case, width, separators and invisible signs. */
function foldName(name: string): string {
  return decodedText(name)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Whether what stands under a name is a secret, by what the name means. */
export function isSecretName(name: string): boolean {
  const folded = foldName(name);
  return !HARMLESS.has(folded) && MEANINGS.some((meaning) => meaning.test(folded));
}

/** A text with its percent-encoding undone, however often it was done; what is no encoding stays. Linear. */
export function decodedText(text: string): string {
  let decoded = text;
  for (let round = 0; round < MOST_DECODINGS && decoded.includes("%"); round += 1) {
    const next = decoded.replace(/(?:%[0-9a-f]{2})+/gi, (part) => {
      const bytes = Buffer.from(part.replaceAll("%", ""), "hex");
      const signs = bytes.toString("utf8");
      return signs.includes("\ufffd") ? bytes.toString("latin1") : signs;
    });
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}

/** What ends a name or a value in URLs, option lists, descriptors and JSON. */
const DELIMITERS = /[\s=:?&;,(){}[\]"'`<>|\\/@#]/u;

/**
 * What in a URL, an option list or a descriptor is a secret, in words; null = nothing. Looks at `name=value` and `name: value`
 * wherever they stand, at logins in front of hosts, and for private keys. Linear.
 */
export function secretInText(text: string): string | null {
  const decoded = decodedText(text);
  if (/PRIVATE KEY/.test(decoded) || /PRIVATE KEY/.test(fromBase64(decoded))) return "a private key";
  if (hasLogin(decoded)) return "a login in front of the host";
  const name = secretPair(decoded, "=") ?? secretPair(decoded, ":");
  return name === null ? null : `"${name}"`;
}

function fromBase64(text: string): string {
  return text.length > 100 && /^[A-Za-z0-9+/=\s]+$/.test(text) ? Buffer.from(text, "base64").toString("latin1") : "";
}

function hasLogin(text: string): boolean {
  if (/^jdbc:oracle:\w+:[^@\s]+@/i.test(text.trim())) return true;
  return text
    .split("//")
    .slice(1)
    .some((rest) => (rest.split(/[/?#\s"]/, 1)[0] ?? "").includes("@"));
}

function secretPair(text: string, sign: "=" | ":"): string | null {
  const pieces = text.split(sign);
  for (const [at, piece] of pieces.entries()) {
    const next = pieces[at + 1];
    if (next === undefined) continue;
    const isLast = at + 2 === pieces.length;
    if (isLast ? isNothing(next) : isEmptyValue(next)) continue;
    const name = lastName(piece);
    // Certificates in words have lines such as "Signature: …".
    if (name !== "" && isSecretName(name) && !(sign === ":" && /signature$/i.test(name))) return name;
  }
  return null;
}

/** At the end of the text. */
function isNothing(next: string): boolean {
  return unquoted(next) === "" || isEmptyValue(next);
}

function isEmptyValue(next: string): boolean {
  return /^[&;,)}"'*]/.test(unquoted(next));
}

function unquoted(next: string): string {
  return next.trimStart().replace(/^["']/, "");
}

/** The name at the end of a text, quotes around it left out. */
function lastName(text: string): string {
  const end = text.trimEnd().replace(/["'\]]$/, "");
  let from = end.length;
  while (from > 0 && end.length - from < 200 && !DELIMITERS.test(end[from - 1] ?? "")) from -= 1;
  return end.slice(from);
}
