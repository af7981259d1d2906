import type { Faults, keySpace, PlannedFailure } from "./service.js";

/** A fault that waits for its call. */
export interface PlannedFault {
  readonly service: keyof typeof keySpace;
  readonly operation: string;
  readonly fault: PlannedFailure;
  /** How many calls it will still hit. */
  readonly left: number;
}

/** Faults on demand, as tests and the command line ask for them. */
export interface FaultList extends Faults {
  /**
   * Makes the next matching calls misbehave.
   *
   * @param operation  the service's own name, such as `GetRow`, `PutObject`, `InvokeFunction`; `*` = any
   * @param fault  with `times`, how many calls it hits; the default is one
   */
  add(
    service: keyof typeof keySpace,
    operation: string,
    fault: PlannedFailure & { readonly times?: number | undefined },
  ): void;
  /** Those that were not used up, oldest first. */
  list(): readonly PlannedFault[];
  /** Forgets all faults that were not used up. */
  clear(): void;
}

/** Makes an empty list of faults. The oldest match is used first. */
export function createFaults(): FaultList {
  let planned: PlannedFault[] = [];
  return {
    add: (service, operation, { times = 1, ...fault }) => void planned.push({ service, operation, fault, left: times }),
    list: () => planned,
    clear: () => {
      planned = [];
    },
    take(service, operation) {
      const match = planned.find(
        (one) => one.service === service && (one.operation === operation || one.operation === "*"),
      );
      if (!match) return null;
      const left = match.left - 1;
      planned = planned.flatMap((one) => (one !== match ? [one] : left > 0 ? [{ ...match, left }] : []));
      return match.fault;
    },
  };
}

/** Ends the connection of a call that a fault says to drop. */
export function dropCall(
  fault: PlannedFailure & { kind: "dropRequest" | "dropResponse" },
  socket: { destroy(): unknown },
): void {
  fault.first?.();
  socket.destroy();
}
