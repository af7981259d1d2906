import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Ends the output with `N passed, N failed` (and `, N skipped`). A skipped test fails the run in CI: it would hide there. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    const declared: TestCase[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests())
        if (test.result().state === "skipped" && test.meta().declared) declared.push(test);
        else count[test.result().state]++;
      // A file that breaks before its first test has failed as a whole.
      if (!module.ok() && [...module.children.allTests("failed")].length === 0) count.failed++;
    }
    for (const line of differences(declared)) console.log(line);
    const skipped = count.skipped + count.pending;
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    if (skipped > 0 && process.env.CI) process.exitCode = 1;
  }
}

/** What systems declare that they do otherwise, by reason: no test was left out, and none passes that says nothing. */
function differences(tests: readonly TestCase[]): string[] {
  if (tests.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const test of tests) {
    const reason = `${test.module.relativeModuleId}: ${test.meta().declared}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), test.name]);
  }
  return ["\nDeclared differences:", ...[...byReason].map(([reason, names]) => `  ${reason} (${names.join("; ")})`)];
}
