import type { Fault, Faults, keySpace } from "./service.js";

/** Faults on demand, as tests and the command line ask for them. */
export interface FaultList extends Faults {
  /**
   * Makes the next matching calls misbehave.
   *
   * @param operation  the service's own name, such as `GetRow`, `PutObject`, `InvokeFunction`; `*` = any
   * @param times  how many calls it hits; the default is one
   */
  add(service: keyof typeof keySpace, operation: string, fault: Fault, times?: number): void;
  /** Forgets all faults that were not used up. */
  clear(): void;
}

interface Planned {
  readonly service: string;
  readonly operation: string;
  readonly fault: Fault;
  left: number;
}

/** Makes an empty list of faults. The oldest match is used first. */
export function createFaults(): FaultList {
  let planned: Planned[] = [];
  return {
    add: (service, operation, fault, times = 1) => void planned.push({ service, operation, fault, left: times }),
    clear: () => {
      planned = [];
    },
    take(service, operation) {
      const match = planned.find(
        (one) => one.service === service && (one.operation === operation || one.operation === "*"),
      );
      if (!match) return null;
      match.left -= 1;
      if (match.left <= 0) planned = planned.filter((one) => one !== match);
      return match.fault;
    },
  };
}
