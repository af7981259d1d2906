import type { Connector } from "../connectors/contract.js";
import { UserError } from "../model/errors.js";
import type { Json, JsonObject } from "../model/json.js";
import { decodedText, isSecretName, secretInText } from "../script/read/secret-names.js";

/** Properties that name a server: a login has no place there. */
const PLACES = /^(host|endpoint|url|tunnelServer)$/i;

/**
 * A secret in a URL, a host, a driver option or a certificate would be stored and shown in the clear.
 *
 * @param path  where the properties stand, for the error
 * @throws UserError CONFIG_INVALID naming the property and the way out, never the value
 */
export function refuseHiddenSecrets({ source }: Connector, properties: JsonObject, path = "properties"): void {
  for (const [name, value] of Object.entries(properties)) {
    if (source.secrets.includes(name)) continue;
    const found = secretUnder(name, value ?? null, "property");
    if (found === null) continue;
    const place = `${path}.${name}`;
    const wanted = found === "a private key" ? source.secrets.find((secret) => /key$/i.test(secret)) : undefined;
    const way = wanted ?? source.secrets[0] ?? "the property meant for it";
    const message = `${place}: holds a password or key (${found}); give it as ${way}, which is sealed`;
    throw new UserError("CONFIG_INVALID", message, { path: place });
  }
}

/** @param kind  `property` = the name is the schema's own, which says what it means */
function secretUnder(name: string, value: Json, kind: "property" | "key"): string | null {
  const isProperty = kind === "property";
  if (typeof value === "string") {
    if (value === "" || /^\*+$/.test(value)) return null;
    if (!isProperty && isSecretName(name)) return `"${decodedText(name)}"`;
    if (PLACES.test(name) && decodedText(value).includes("@")) return "a login in front of the host";
    return secretInText(value);
  }
  if (typeof value === "number" && !isProperty && isSecretName(name)) return `"${decodedText(name)}"`;
  if (typeof value !== "object" || value === null) return null;
  const inner: readonly (readonly [string, Json | undefined])[] = Array.isArray(value)
    ? value.map((item) => [name, item] as const)
    : Object.entries(value);
  for (const [key, item] of inner) {
    const found = secretUnder(key, item ?? null, isProperty && Array.isArray(value) ? "property" : "key");
    if (found !== null) return found;
  }
  return null;
}
