import type { Connector } from "../connectors/contract.js";
import { UserError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";
import type { SealedProperties } from "../model/seal.js";
import type { SecretBox } from "../secrets/seal.js";
import { checkProperties } from "./check-properties.js";

/**
 * A stored data source as its connector understands it.
 *
 * @throws UserError CONFIG_INVALID when it does not: what was stored by an earlier version may have become too little, or
 *   too much
 */
export function parseSource<S>(connector: Connector<S>, name: string, properties: JsonObject): S {
  try {
    return checkProperties(connector, properties, "properties");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError("CONFIG_INVALID", `data source "${name}": ${error.message}`, {
      path: error.path,
      hint: "Change the data source: leave out or correct the property that the message names, then try again.",
    });
  }
}

/** Connection properties with their secrets. */
export async function openProperties(stored: SealedProperties, secretBox: SecretBox): Promise<JsonObject> {
  const secrets = stored.sealed ? await secretBox.open(stored.sealed, stored.boundTo) : {};
  return { ...stored.properties, ...secrets };
}
