import { parse } from "yaml";
import { UserError } from "../../shared/model/errors.js";
import { interpolate, type ManifestValues } from "./manifest-expressions.js";
import { functionProps, type ManifestFunctionProps, type TriggerProps, triggerConfigs } from "./manifest-schema.js";

/** A function that runs once in the life of an instance: before its first request, or before it is stopped. */
export interface HookSpec {
  /** `file.export` */
  readonly handler: string;
  readonly timeoutS: number;
}

/** A timer that invokes a function asynchronously. */
export interface TimerSpec {
  readonly name: string;
  /** FC's cron grammar: `@every 1m`, or six fields, optionally after `CRON_TZ=zone`. */
  readonly expression: string;
  readonly enabled: boolean;
  readonly payload: string;
}

/** A subscription to object events of one bucket. */
export interface ObjectTriggerSpec {
  readonly name: string;
  readonly bucket: string;
  /** Such as `oss:ObjectCreated:PutObject`; may end with `*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** One function as `s.yaml` declares it, defaults filled in. */
export interface FunctionSpec {
  readonly name: string;
  /** `file.export` */
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** null = none reserved. */
  readonly reservedConcurrency: number | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly initializer: HookSpec | null;
  readonly preStop: HookSpec | null;
  /** Every async invocation is kept as a task that can be listed and stopped. */
  readonly asyncTask: boolean;
  readonly maxRetries: number;
  readonly maxEventAgeS: number;
  /** Names of functions; null = no destination. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
  readonly httpMethods: readonly string[] | null;
  readonly timers: readonly TimerSpec[];
  readonly objectTriggers: readonly ObjectTriggerSpec[];
}

/**
 * Reads the function declarations of a Serverless Devs file (component fc3).
 * Understands anchors, merge keys, `${vars.x}`, `${env('NAME', 'default')}` and `${config('AccountID')}`.
 * What only the cloud needs (roles, networks, log projects) is accepted and left out.
 *
 * @param text  the file's content
 * @throws UserError CONFIG_INVALID naming the place, such as `resources.api.props.timeout`; UNSUPPORTED for what
 *   the local cloud cannot imitate: other components and runtimes, trigger types, destinations that are no function
 */
export function readManifest(text: string, values: ManifestValues): FunctionSpec[] {
  const document = interpolate(parseYaml(text), values);
  const resources = document.resources;
  if (typeof resources !== "object" || resources === null) {
    throw new UserError("CONFIG_INVALID", "resources: required, a map of functions", { path: "resources" });
  }
  const specs = Object.entries(resources).map(([id, resource]) => readFunction(id, resource));
  const names = new Set(specs.map((spec) => spec.name));
  if (names.size < specs.length) {
    throw new UserError("CONFIG_INVALID", "resources: two functions have the same functionName", { path: "resources" });
  }
  for (const { name, onSuccess, onFailure } of specs) {
    for (const target of [onSuccess, onFailure]) {
      if (target !== null && !names.has(target)) {
        throw new UserError("CONFIG_INVALID", `function ${name}: destination ${target} is not declared`);
      }
    }
  }
  return specs;
}

function parseYaml(text: string): Record<string, unknown> {
  try {
    const document: unknown = parse(text, { merge: true });
    if (typeof document === "object" && document !== null) return { ...document };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("CONFIG_INVALID", `the function declarations are not YAML: ${reason}`, { cause });
  }
  throw new UserError("CONFIG_INVALID", "the function declarations are empty");
}

function readFunction(id: string, resource: unknown): FunctionSpec {
  const parsed = functionProps.safeParse(resource);
  if (!parsed.success) throw invalid(`resources.${id}`, parsed.error.issues);
  const props = parsed.data.props;
  const { asyncInvokeConfig: async, instanceLifecycleConfig: lifecycle, triggers } = props;
  return {
    name: props.functionName,
    handler: props.handler,
    runtime: props.runtime,
    memoryMb: props.memorySize,
    timeoutS: props.timeout,
    reservedConcurrency: props.concurrencyConfig?.reservedConcurrency ?? null,
    environment: props.environmentVariables,
    initializer: readHook(lifecycle?.initializer),
    preStop: readHook(lifecycle?.preStop),
    asyncTask: async.asyncTask,
    maxRetries: async.maxAsyncRetryAttempts,
    maxEventAgeS: async.maxAsyncEventAgeInSeconds,
    onSuccess: readDestination(id, async.destinationConfig?.onSuccess?.destination),
    onFailure: readDestination(id, async.destinationConfig?.onFailure?.destination),
    ...readTriggers(id, triggers),
  };
}

type Lifecycle = NonNullable<ManifestFunctionProps["props"]["instanceLifecycleConfig"]>;

function readHook(hook: Lifecycle["initializer"]): HookSpec | null {
  return hook ? { handler: hook.handler, timeoutS: hook.timeout } : null;
}

function readDestination(id: string, arn: string | undefined): string | null {
  if (arn === undefined) return null;
  const name = /^acs:fc:[^:]*:[^:]*:functions\/([^/]+)/.exec(arn)?.[1];
  if (name !== undefined) return name;
  throw new UserError("UNSUPPORTED", `resources.${id}: destination ${arn} is not a function; use acs:fc:…:functions/…`);
}

function readTriggers(id: string, triggers: readonly TriggerProps[]) {
  let httpMethods: string[] | null = null;
  const timers: TimerSpec[] = [];
  const objectTriggers: ObjectTriggerSpec[] = [];
  for (const [index, trigger] of triggers.entries()) {
    const path = `resources.${id}.props.triggers[${index}]`;
    const name = trigger.triggerName;
    if (trigger.triggerType === "http") {
      httpMethods = triggerConfig(path, "http", trigger).methods;
    } else if (trigger.triggerType === "timer") {
      const config = triggerConfig(path, "timer", trigger);
      timers.push({ name, expression: config.cronExpression, enabled: config.enable, payload: config.payload });
    } else {
      const { events, filter } = triggerConfig(path, "oss", trigger);
      const bucket = trigger.sourceArn?.split(":")[4];
      if (!bucket) throw new UserError("CONFIG_INVALID", `${path}.sourceArn: expected acs:oss:region:account:bucket`);
      objectTriggers.push({ name, bucket, events, ...filter.key });
    }
  }
  return { httpMethods, timers, objectTriggers };
}

function triggerConfig<K extends keyof typeof triggerConfigs>(path: string, type: K, trigger: TriggerProps) {
  const parsed = triggerConfigs[type].safeParse(trigger.triggerConfig);
  if (!parsed.success) throw invalid(`${path}.triggerConfig`, parsed.error.issues);
  // The table's schema and its output belong to the same key; the compiler sees only the union.
  return parsed.data as ReturnType<(typeof triggerConfigs)[K]["parse"]>;
}

function invalid(place: string, issues: readonly { path: PropertyKey[]; message: string }[]): UserError {
  const first = issues[0];
  const path = [place, ...(first?.path ?? [])].map(String).join(".");
  return new UserError("CONFIG_INVALID", `${path}: ${first?.message ?? "invalid"}`, { path });
}
