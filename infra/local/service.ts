import type { IncomingMessage, ServerResponse } from "node:http";
import type { Store, Transaction } from "./store/store.js";

/** The one account that exists in the local cloud. Signatures are verified all the same. */
export interface LocalCredentials {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Session token that requests signed with role credentials carry; accepted, never required. */
  readonly securityToken: string;
}

/** First byte of all keys of a service in the common store. */
export const keySpace = { tablestore: 0x10, oss: 0x20, fc: 0x30, maxcompute: 0x40 } as const;

/** What a fault does to one matching call. */
export type PlannedFailure =
  | { readonly kind: "status"; readonly status: 429 | 500 | 503 }
  /** The connection ends before (request) or after (response) the work was done; `first` happens right before that. */
  | { readonly kind: "dropRequest" | "dropResponse"; readonly first?: () => void }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "twice" };

/** Faults on demand. `operation` is the service's own name: `GetRow`, `PutObject`, `InvokeFunction`, … */
export interface Faults {
  /**
   * The fault for this call, used up by asking; null = behave.
   *
   * @param about  what the call carries, for faults that are choosy: its body, for OSS `bucket/key`
   */
  take(service: keyof typeof keySpace, operation: string, about?: () => Buffer | string): PlannedFailure | null;
}

/** What every service of the local cloud is given. */
export interface ServiceContext {
  readonly store: Store;
  readonly credentials: LocalCredentials;
  readonly region: string;
  /** Epoch ms; tests stop and move it. */
  readonly now: () => number;
  readonly faults: Faults;
  /** Told about every call that was answered: for policies, logs and tests. `caller` is a function name or null. */
  readonly onCall?: (call: { service: string; operation: string; resource: string; status: number }) => void;
}

/** A service behind its own loopback port. */
export interface Service {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close?(): Promise<void>;
}

/** An object came into being or went away: queued in the same transaction that made it true. */
export interface ObjectEvent {
  /** Without the `oss:` prefix, such as `ObjectCreated:PutObject`. */
  readonly eventName: string;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly deltaSize: number;
  readonly eTag: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** Queues an object event inside the object's own transaction. */
export type EmitObjectEvent = (tx: Transaction, event: ObjectEvent) => void;
