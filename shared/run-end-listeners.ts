import { instanceListener } from "./schedule/instances/settle.js";
import type { RunEndListener } from "./services.js";

/** What happens once a run has ended: here rooms that `runs` does not know hang themselves on. */
export const runEndListeners: readonly RunEndListener[] = [
  { name: "throttle", hear: ({ throttles }, { id }) => throttles.remove(id) },
  instanceListener,
];
