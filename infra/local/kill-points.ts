import type { FunctionCaller } from "./callers.js";
import type { Faults, keySpace } from "./service.js";

/** A moment in the life of a function instance: one of the calls that it makes. */
export interface KillPoint {
  readonly service: keyof typeof keySpace;
  /** The service's own name, such as `PutRow`, `CompleteMultipartUpload`, `InvokeFunction`; `*` = any. */
  readonly operation: string;
  /** `before`: the call does nothing. `after`: its work is done and lasts, but nobody learns of it. */
  readonly when: "before" | "after";
  /** Which of the matching calls of the function, over all its instances; 1 = the next, which is the default. */
  readonly count?: number;
  /** Only calls that carry this text count: in their body, for OSS in `bucket/key`. */
  readonly containing?: string;
}

/** A kill that waits for its moment. */
export interface PlannedKill {
  readonly functionName: string;
  readonly point: KillPoint;
  /** Matching calls until then, the fatal one included. */
  readonly left: number;
}

/** Kills at named points. Each happens once. */
export interface KillPoints extends Faults {
  add(functionName: string, point: KillPoint): void;
  /** Those that have not happened. */
  list(): readonly PlannedKill[];
  clear(): void;
}

/**
 * Puts kills before a list of faults: a call that kills its caller is dropped, others get the fault that they would.
 *
 * @param caller  whose call is being served
 * @param kill  ends an instance at once
 */
export function createKillPoints(
  faults: Faults,
  caller: () => FunctionCaller | null,
  kill: (instanceId: string) => void,
): KillPoints {
  let planned: PlannedKill[] = [];
  return {
    add: (functionName, point) => void planned.push({ functionName, point, left: point.count ?? 1 }),
    list: () => planned,
    clear: () => {
      planned = [];
    },
    take(service, operation, about) {
      const { functionName, instanceId } = caller() ?? { functionName: "", instanceId: null };
      const call: PlacedCall = { functionName, service, operation, about };
      const hit = planned.filter((one) => instanceId !== null && matches(one, call));
      const fatal = hit.find(({ left }) => left === 1);
      planned = planned
        .filter((one) => one !== fatal)
        .map((one) => (hit.includes(one) ? { ...one, left: Math.max(1, one.left - 1) } : one));
      if (!fatal || instanceId === null) return faults.take(service, operation, about);
      const kind = fatal.point.when === "before" ? "dropRequest" : "dropResponse";
      return { kind, first: () => kill(instanceId) };
    },
  };
}

interface PlacedCall {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
  readonly about: (() => Buffer | string) | undefined;
}

function matches({ functionName, point }: PlannedKill, call: PlacedCall): boolean {
  if (functionName !== call.functionName || point.service !== call.service) return false;
  if (point.operation !== "*" && point.operation !== call.operation) return false;
  return point.containing === undefined || (call.about?.().includes(point.containing) ?? false);
}
