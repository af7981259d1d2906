import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with `N passed, N failed` (and `, N skipped`). A skipped test fails the run in CI: it would hide there. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // A file that breaks before its first test has failed as a whole.
      if (!module.ok() && [...module.children.allTests("failed")].length === 0) count.failed++;
    }
    const skipped = count.skipped + count.pending;
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    if (skipped > 0 && process.env.CI) process.exitCode = 1;
  }
}
