import { expect, it } from "vitest";
import { showReport } from "../../../../infra/cli/run-report.js";
import type { Run } from "../../../../shared/model/run.js";
import { sampleRun } from "./fake-api.js";
import { fakeTerminal } from "./fake-terminal.js";

function report(change: Partial<Run>): string {
  const terminal = fakeTerminal();
  showReport(sampleRun(change), [], { output: terminal.out });
  return terminal.written.out;
}

it("the report of a job's run tells what it is for, late or made up as it may be", () => {
  const line = "planned time 2026-03-01 02:30:00, business date 2026-02-28\n";
  expect(report({ job: "nightly", plannedLocal: "2026-03-01T02:30:00" }).split("\n")[1]).toBe(line.trim());
  expect(report({ job: null, plannedLocal: "2026-03-01T02:30:00" })).not.toContain("planned time");
  expect(report({ job: "nightly" })).not.toContain("planned time");
});
