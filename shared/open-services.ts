import {
  type Credentials,
  credentialsOf,
  type Environment,
  type FcContext,
  readEnvironment,
} from "./platform/environment.js";
import { createInvoker } from "./platform/invoker.js";
import { createKms } from "./platform/kms.js";
import { createLog } from "./platform/log.js";
import { createObjects } from "./platform/objects.js";
import { groupOfFunction } from "./platform/resource-groups.js";
import { createDocuments } from "./platform/tablestore-documents.js";
import { createSecretBox } from "./secrets/create-secret-box.js";
import { createServices, type Services } from "./services.js";

/** Services of the last invocation: kept while the role's credentials are the same, so that connections stay open. */
let kept: { readonly key: string; readonly services: Services } | undefined;

/**
 * What a function works with, from its environment and the invocation's context.
 *
 * @param runEndListeners  for functions that end runs
 */
export function openServices(
  context: FcContext,
  runEndListeners: Services["runEndListeners"] = [],
  env: NodeJS.ProcessEnv = process.env,
): { services: Services; environment: Environment } {
  const environment = readEnvironment(env, context);
  const credentials = credentialsOf(context, env);
  keepFresh(env, credentials);
  const key = JSON.stringify([environment, credentials]);
  if (kept?.key !== key) {
    const kms = environment.secrets.kmsKeyId === "" ? null : createKms(environment, credentials);
    const services = createServices({
      documents: createDocuments(environment, credentials),
      objects: createObjects(environment, credentials),
      invoker: createInvoker(environment, credentials),
      secretBox: createSecretBox(environment, kms, Date.now),
      resourceGroups: environment.resourceGroups,
      stage: environment.stage,
      group: groupOfFunction(context.function.name, environment.stage),
      log: createLog({ function: context.function.name }),
      now: Date.now,
    });
    kept = { key, services };
  }
  const log = createLog({ function: context.function.name, requestId: context.requestId });
  return { services: { ...kept.services, log, runEndListeners }, environment };
}

/** Connectors that use the function's own role find its key in the environment, which FC fills once per instance only. */
function keepFresh(env: NodeJS.ProcessEnv, { accessKeyId, accessKeySecret, securityToken }: Credentials): void {
  env.ALIBABA_CLOUD_ACCESS_KEY_ID = accessKeyId;
  env.ALIBABA_CLOUD_ACCESS_KEY_SECRET = accessKeySecret;
  env.ALIBABA_CLOUD_SECURITY_TOKEN = securityToken;
}
