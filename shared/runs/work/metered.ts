import type { Environment, FcContext } from "../../platform/environment.js";
import type { Services } from "../../services.js";

/** How often the usage of an invocation that goes on is written: what a killed one used since is not known. */
const NOTE_MS = 10_000;

/** An invocation that works for one run. */
export interface MeteredInvocation {
  readonly run: string;
  readonly context: FcContext;
  readonly environment: Pick<Environment, "vcpu">;
}

/** Writes down what the invocation has used so far. Trouble with that is logged, never thrown. */
export type NoteUsage = () => Promise<void>;

/** Does something for a run and keeps count of the time that Function Compute bills for it. */
export async function metered<T>(
  services: Services,
  { run, context, environment }: MeteredInvocation,
  work: (note: NoteUsage) => Promise<T>,
): Promise<T> {
  const since = services.now();
  const size = { function: context.function.name, vcpu: environment.vcpu, memoryMb: context.function.memory };
  // The platform's own retry comes under the same request id.
  const store = services.usage.rowOf(run, `${since.toString(36)}-${context.requestId}`);
  let storing: Promise<void> = Promise.resolve();
  const note: NoteUsage = () => {
    storing = storing
      .then(() => store({ ...size, ms: services.now() - since }))
      .catch((error: unknown) => services.log.warn("usage not written", { run, error: String(error) }));
    return storing;
  };
  const timer = setInterval(note, NOTE_MS);
  try {
    return await work(note);
  } finally {
    clearInterval(timer);
    await note();
  }
}
