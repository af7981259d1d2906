import { UserError } from "../model/errors.js";
import type { Environment } from "../platform/environment.js";
import type { Kms } from "../platform/kms.js";
import { environmentSecretBox } from "./environment-box.js";
import { KMS_KEY, kmsSecretBox } from "./kms-box.js";
import type { SecretBox } from "./seal.js";

/** What the choice of keys depends on. */
export type SecretSettings = Pick<Environment, "stage" | "secrets">;

/**
 * The box that the environment asks for: KMS when a KMS key is named, else the master key. With both, KMS seals and
 * either opens, so that an installation can move to KMS.
 *
 * @throws UserError CONFIG_INVALID when no key is configured, or a production stage has only the environment's
 */
export function createSecretBox({ stage, secrets }: SecretSettings, kms: Kms | null, now: () => number): SecretBox {
  const { masterKey, previousMasterKey, allowEnvironmentKey } = secrets;
  const isForbidden = stage === "prod" && !allowEnvironmentKey;
  const fromEnvironment =
    masterKey === "" || isForbidden ? null : environmentSecretBox({ current: masterKey, previous: previousMasterKey });
  if (kms) return either(kmsSecretBox(kms, now), fromEnvironment);
  if (fromEnvironment) return fromEnvironment;
  if (masterKey !== "" && isForbidden)
    throw new UserError(
      "CONFIG_INVALID",
      "stage prod does not seal secrets with a key from the environment: name a KMS key in SLUICE_KMS_KEY_ID, or set SLUICE_ALLOW_ENV_KEY to 1",
      { path: "SLUICE_KMS_KEY_ID" },
    );
  // Says which key is missing and how to make it.
  return environmentSecretBox({ current: masterKey, previous: previousMasterKey });
}

function either(kms: SecretBox, other: SecretBox | null): SecretBox {
  return {
    seal: kms.seal,
    open: (sealed, boundTo) => (sealed.keyId.startsWith(KMS_KEY) || !other ? kms : other).open(sealed, boundTo),
  };
}
