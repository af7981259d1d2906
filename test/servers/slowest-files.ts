import type { Reporter, TestModule } from "vitest/node";

const LISTED = 10;

/** Ends a run of many files with a table of the slowest ones: where the suite's time goes. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= LISTED) return;
    const timed = modules.map((module) => {
      const { duration, collectDuration, setupDuration, prepareDuration } = module.diagnostic();
      return { name: module.relativeModuleId, ms: duration + collectDuration + setupDuration + prepareDuration };
    });
    const total = timed.reduce((sum, { ms }) => sum + ms, 0);
    const slowest = timed.toSorted((one, other) => other.ms - one.ms).slice(0, LISTED);
    console.log(`\nSlowest of ${modules.length} files, in seconds and as part of all their time (${seconds(total)}):`);
    for (const { name, ms } of slowest)
      console.log(`${seconds(ms).padStart(8)} ${`${((100 * ms) / total).toFixed(1)} %`.padStart(7)}  ${name}`);
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
