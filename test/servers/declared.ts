import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test says nothing here: a difference that is known and declared, not a test that was left out. */
    declared?: string;
  }
}

/** Ends a test that has nothing to say here, with the reason; the end of the run lists it, and no run fails by it. */
export function declare({ task, skip }: Pick<TestContext, "task" | "skip">, reason: string): never {
  task.meta.declared = reason;
  return skip(reason);
}
