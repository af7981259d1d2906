import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { type KeyOwner, ownerOf, ownerOfAccessKey, roleCredentials } from "./credentials.js";
import { INSTANCE_HEADER } from "./fc/mark-requests.js";
import type { LocalCredentials, Service, ServiceContext } from "./service.js";

/** Calls that were alike: same caller, operation and object. */
export interface RecordedCall {
  /** The function whose role signed the call; null = the account's own key, or none. */
  readonly caller: string | null;
  readonly service: string;
  readonly operation: string;
  readonly resource: string;
  /** HTTP status of the latest such call. */
  readonly status: number;
  readonly count: number;
}

/** The function, and its instance, that sent a request. */
export type FunctionCaller = KeyOwner;

/** Tells callers apart, and remembers what each of them called. */
export interface Callers {
  /**
   * Credentials for {@link ServiceContext}: those of whoever signed the request at hand. A service that verifies
   * against one account so verifies every role, without knowing that there is more than one.
   */
  readonly credentials: LocalCredentials;
  readonly onCall: NonNullable<ServiceContext["onCall"]>;
  /** Whose request is being served, whatever key signed it; null = nobody of the functions. */
  current(): FunctionCaller | null;
  /** Serves a request on behalf of its caller. */
  handle(service: Service, ...exchange: Parameters<Service["handle"]>): void;
  /** What was called so far. Objects are told apart up to some number of different calls, then all are `*`. */
  calls(): RecordedCall[];
}

/** A request under way. */
interface Exchange {
  /** Whose role signed it; null = the account's own key, or none. */
  readonly signer: KeyOwner | null;
  /** Which instance sent it: also with the key of a data source. */
  readonly sender: FunctionCaller | null;
}

const MAX_DIFFERENT_CALLS = 20_000;

/** Makes the register of the account and of its functions' roles. */
export function createCallers(account: LocalCredentials, functionNames: ReadonlySet<string>): Callers {
  const storage = new AsyncLocalStorage<Exchange>();
  const roles = new Map([...functionNames].map((name) => [name, roleCredentials(account, name)]));
  const signer = () => storage.getStore()?.signer ?? null;
  const own = () => roles.get(signer()?.functionName ?? "") ?? account;
  const calls = new Map<string, RecordedCall>();
  return {
    credentials: {
      accountId: account.accountId,
      get accessKeyId() {
        const { accessKeyId } = own();
        const instanceId = signer()?.instanceId ?? null;
        return instanceId === null ? accessKeyId : `${accessKeyId}.${instanceId}`;
      },
      get accessKeySecret() {
        return own().accessKeySecret;
      },
      get securityToken() {
        return own().securityToken;
      },
    },
    onCall: (call) => record(calls, { caller: signer()?.functionName ?? null, ...call }),
    current: () => storage.getStore()?.sender ?? null,
    handle(service, request, response) {
      const signer = ownerOfAccessKey(accessKeyIdOf(request), functionNames);
      const mark = request.headers[INSTANCE_HEADER];
      const sender = signer ?? (typeof mark === "string" ? ownerOf(mark, functionNames) : null);
      storage.run({ signer, sender }, () => service.handle(request, response));
    },
    calls: () => [...calls.values()],
  };
}

function record(calls: Map<string, RecordedCall>, call: Omit<RecordedCall, "count">): void {
  const keyOf = (resource: string) => [call.caller, call.service, call.operation, resource].join("\n");
  const exact = keyOf(call.resource);
  const isExact = calls.has(exact) || calls.size < MAX_DIFFERENT_CALLS;
  const key = isExact ? exact : keyOf("*");
  calls.set(key, { ...call, resource: isExact ? call.resource : "*", count: (calls.get(key)?.count ?? 0) + 1 });
}

/** The access key id that a request claims, in any of the services' ways; empty when it claims none. */
function accessKeyIdOf({ headers, url = "" }: IncomingMessage): string {
  const { authorization = "", "x-ots-accesskeyid": tablestoreKey } = headers;
  if (typeof tablestoreKey === "string") return tablestoreKey;
  const signed = /^(?:FC|OSS|ODPS) ([^:/]+)[:/]/.exec(authorization) ?? /Credential=([^/,]+)/.exec(authorization);
  if (signed?.[1] !== undefined) return signed[1];
  const query = new URLSearchParams(url.split("?", 2)[1] ?? "");
  return query.get("OSSAccessKeyId") ?? query.get("x-oss-credential")?.split("/", 1)[0] ?? "";
}
