import type { FunctionSpec } from "../manifest.js";
import type { LocalCredentials } from "../service.js";

/** What a process needs from the machine it runs on; nothing else of the server's environment reaches a function. */
const inherited = ["PATH", "HOME", "TMPDIR", "LANG", "SystemRoot"] as const;

/** Where a function's environment comes from, beside its declaration. */
interface Surroundings {
  readonly region: string;
  readonly accountId: string;
  readonly functionsFolder: string;
  readonly credentialsOf: (functionName: string, instanceId: string) => LocalCredentials;
}

/** The environment of an instance: as declared, with FC's own variables, which a declaration cannot change. */
export function functionEnvironment(spec: FunctionSpec, instanceId: string, from: Surroundings): NodeJS.ProcessEnv {
  const { accessKeyId, accessKeySecret, securityToken } = from.credentialsOf(spec.name, instanceId);
  return {
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    TZ: "UTC",
    ...spec.environment,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: securityToken,
    FC_FUNCTION_NAME: spec.name,
    FC_FUNCTION_HANDLER: spec.handler,
    FC_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    FC_TIMEOUT: String(spec.timeoutS),
    FC_RUNTIME: spec.runtime,
    FC_REGION: from.region,
    FC_ACCOUNT_ID: from.accountId,
    FC_INSTANCE_ID: instanceId,
    FC_FUNC_CODE_PATH: `${from.functionsFolder}/`,
    FC_CUSTOM_LISTEN_PORT: "9000",
  };
}
