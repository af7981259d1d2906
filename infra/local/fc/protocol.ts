/** What a new instance must know; its first argument, as JSON. Credentials and FC's variables come by environment. */
export interface WorkerSettings {
  /** Folder of the built functions. */
  readonly folder: string;
  readonly functionName: string;
  /** `file.export`, like the hooks. */
  readonly handler: string;
  readonly initializer: string | null;
  readonly initializationTimeoutS: number | null;
  readonly preStop: string | null;
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly region: string;
  readonly accountId: string;
  /** Request id for the log lines of loading and of the initializer. */
  readonly startRequestId: string;
}

/** From the server to an instance: one request at a time. */
export type ToWorker =
  | { readonly type: "invoke"; readonly requestId: string; readonly event: Buffer; readonly retryCount: number }
  | { readonly type: "preStop"; readonly requestId: string };

/** A failed invocation in the platform's own words: the body of the answer. */
export interface FunctionError {
  readonly errorMessage: string;
  readonly errorType?: string;
  readonly stackTrace?: readonly string[];
}

/** From an instance to the server. Log lines travel on the same channel, so that they precede the result they belong to. */
export type FromWorker =
  | { readonly type: "loaded" }
  | { readonly type: "ready" }
  | { readonly type: "startFailed"; readonly phase: "load" | "initialize"; readonly error: FunctionError }
  | { readonly type: "result"; readonly payload: Buffer; readonly rssBytes: number }
  | { readonly type: "failure"; readonly handled: boolean; readonly error: FunctionError; readonly rssBytes: number }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "stopped" };
