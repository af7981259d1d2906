import { functionTable, type Program, programs } from "../../shared/platform/functions.js";
import { PLANNING_SLOTS } from "../../shared/store/planning-store.js";
import type { Fc3FunctionProps } from "./fc3-schema.js";
import { type Violation, violation } from "./violation.js";

/** A declared function under its name in the file. */
export interface DeclaredFunction {
  readonly resource: string;
  readonly props: Fc3FunctionProps;
}

const handlers = programs.map((program) => `${program}.handler`);
const HANDLERS = `${handlers.slice(0, -1).join(", ")} or ${handlers.at(-1)}`;

/** Which of the programs a function runs, told by its handler; null = none of ours. */
export function programOf({ handler }: Pick<Fc3FunctionProps, "handler">): Program | null {
  const file = handler.split(".")[0] ?? "";
  return programs.find((name) => name === file) ?? null;
}

/** Rules for one function that its schema cannot express. */
export function checkFunction({ resource, props }: DeclaredFunction): Violation[] {
  const program = programOf(props);
  if (program === null)
    return [
      violation(resource, "props.handler", { value: props.handler, expected: `${HANDLERS}: the programs of Sluice` }),
    ];
  return [
    ...checkSize(resource, props),
    ...checkTime(resource, props, program),
    ...(program === "api" ? [] : checkAsync(resource, props, program)),
  ];
}

function checkSize(resource: string, { cpu, memorySize }: Fc3FunctionProps): Violation[] {
  const gbPerCpu = memorySize / 1024 / cpu;
  if (gbPerCpu >= 1 && gbPerCpu <= 4) return [];
  const expected = `memorySize between ${1024 * cpu} and ${4096 * cpu} for cpu ${cpu}: 1 to 4 GB per vCPU`;
  return [violation(resource, "props.memorySize", { value: memorySize, expected })];
}

function checkTime(resource: string, { timeout }: Fc3FunctionProps, program: Program): Violation[] {
  const [least, most] = functionTable[program].seconds;
  if (timeout >= least && timeout <= most) return [];
  return [violation(resource, "props.timeout", { value: timeout, expected: `${least} to ${most} s for ${program}` })];
}

function checkAsync(resource: string, { asyncInvokeConfig, concurrencyConfig }: Fc3FunctionProps, program: Program) {
  const found: Violation[] = [];
  if (!concurrencyConfig)
    found.push(
      violation(resource, "props.concurrencyConfig", {
        value: undefined,
        expected: "a reservedConcurrency, so that no function starves another",
      }),
    );
  if (!asyncInvokeConfig?.asyncTask)
    found.push(
      violation(resource, "props.asyncInvokeConfig.asyncTask", {
        value: asyncInvokeConfig?.asyncTask,
        expected: "true: a call with a known task id must be refused",
      }),
    );
  if (program === "planner" && concurrencyConfig && concurrencyConfig.reservedConcurrency < PLANNING_SLOTS)
    found.push(
      violation(resource, "props.concurrencyConfig.reservedConcurrency", {
        value: concurrencyConfig.reservedConcurrency,
        expected: `${PLANNING_SLOTS} at least: as many runs are planned at once`,
      }),
    );
  const isReplaced = program === "shard" || program === "planner";
  return isReplaced ? [...found, ...checkReplaced(resource, asyncInvokeConfig)] : found;
}

/** Losing a shard or a planner is our own business, not the platform's. */
function checkReplaced(resource: string, config: Fc3FunctionProps["asyncInvokeConfig"]): Violation[] {
  if (!config) return [];
  const path = "props.asyncInvokeConfig";
  const found: Violation[] = [];
  const { maxAsyncRetryAttempts: retries, destinationConfig } = config;
  if (retries !== 0) {
    const expected = "0: Sluice itself replaces lost shards and planners";
    found.push(violation(resource, `${path}.maxAsyncRetryAttempts`, { value: retries, expected }));
  }
  const target = destinationConfig?.onFailure?.destination;
  if (!target?.endsWith("-dispatcher")) {
    const field = `${path}.destinationConfig.onFailure.destination`;
    found.push(
      violation(resource, field, {
        value: target,
        expected: "the dispatcher, which replaces lost shards and planners",
      }),
    );
  }
  return found;
}
