import type { JsonObject } from "../model/json.js";
import type { Sealed } from "../model/seal.js";

/** Seals secrets before they reach a table and opens them in the function that connects. */
export interface SecretBox {
  /** `boundTo` names the object the secrets belong to: a sealed value copied elsewhere does not open. */
  seal(secrets: JsonObject, boundTo: string): Promise<Sealed>;
  /**
   * @throws UserError CONFIG_INVALID when the key is not configured; InternalError when the text was tampered with
   *   or belongs to another object; TransientError when KMS does not answer
   */
  open(sealed: Sealed, boundTo: string): Promise<JsonObject>;
}
