import type FcClient from "@alicloud/fc2";
import { InternalError, TransientError } from "../model/errors.js";
import type { Json } from "../model/json.js";
import { type Credentials, type Environment, isLocalEndpoint } from "./environment.js";

/** The functions of Sluice; their deployed name is `sluice-<stage>-<function>`. Each resource group has a shard function. */
export type FunctionName = "api" | "dispatcher" | "shard" | `shard-${string}` | "reducer";

/** Starts other functions. */
export interface Invoker {
  /**
   * Queues an asynchronous invocation. Ids only in `payload`: the platform takes 128 KB.
   *
   * @param taskId  letters, digits, `_` and `-`, at most 128; the same id is run once
   * @returns false when an invocation with this id was accepted before
   * @throws TransientError SOURCE_BUSY when the platform does not accept it after several tries
   */
  start(name: FunctionName, payload: Json, taskId: string): Promise<boolean>;
}

const ATTEMPTS = 5;

/**
 * The invoker over `@alicloud/fc2`, which signs FC 3.0 paths with the legacy scheme (platform reference, 1.4: accepted
 * by the gateway on sibling paths; not verified for invocations). Another SDK would be a drop-in here.
 */
export function createInvoker(env: Environment, credentials: Credentials): Invoker {
  let opening: Promise<FcClient> | undefined;
  return {
    async start(name, payload, taskId) {
      opening ??= openClient(env, credentials);
      const client = await opening;
      const path = `/functions/sluice-${env.stage}-${name}/invocations`;
      const headers = {
        "x-fc-invocation-type": "Async",
        "x-fc-async-task-id": taskId,
        "x-fc-stateful-async-invocation-id": taskId,
      };
      for (let attempt = 1; ; attempt++) {
        const result = await attemptStart(client, path, JSON.stringify(payload), headers);
        if (result.kind === "accepted") return true;
        if (result.kind === "duplicate") return attempt > 1;
        if (result.kind === "refused")
          throw new InternalError("INTERNAL", `invoking ${name} was refused: ${result.message}`);
        if (attempt >= ATTEMPTS)
          throw new TransientError("SOURCE_BUSY", `invoking ${name} failed ${attempt} times: ${result.message}`);
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt * (0.5 + Math.random())));
      }
    },
  };
}

/** The SDK is loaded at the first call: most API requests never invoke anything. */
async function openClient(env: Environment, credentials: Credentials): Promise<FcClient> {
  const { default: Client } = await import("@alicloud/fc2");
  const client = new Client(env.accountId, {
    accessKeyID: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken ? { securityToken: credentials.securityToken } : {}),
    region: env.region,
    secure: env.fcEndpoint === "" || !isLocalEndpoint(env.fcEndpoint),
    timeout: 10_000,
    ...(env.fcEndpoint ? { endpoint: env.fcEndpoint } : {}),
  });
  client.version = "2023-03-30";
  return client;
}

type StartResult = { kind: "accepted" } | { kind: "duplicate" } | { kind: "refused" | "retry"; message: string };

async function attemptStart(
  client: FcClient,
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<StartResult> {
  try {
    await client.request("POST", path, null, body, headers, { rawBuf: true });
    return { kind: "accepted" };
  } catch (error) {
    // An accepted call may still look like a failure here (empty JSON body, lost answer): the repeat then says 409.
    const message = error instanceof Error ? error.message : String(error);
    const status = statusOf(message);
    if (status === 409) return { kind: "duplicate" };
    const final = status !== undefined && status >= 400 && status < 500 && status !== 429;
    return { kind: final ? "refused" : "retry", message };
  }
}

/** The HTTP status inside the SDK's message; the 3.0 path may leave its `code` undefined. */
export function statusOf(message: string): number | undefined {
  const found = /failed with (\d{3})\b/.exec(message);
  return found ? Number(found[1]) : undefined;
}
