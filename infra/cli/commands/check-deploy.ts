import path from "node:path";
import type { Command } from "commander";
import type { DeployReport } from "../../deploy/check-deploy.js";
import type { Violation } from "../../deploy/violation.js";
import { exitCodes } from "../exit-codes.js";
import { groupedCounted } from "../numbers.js";
import { done, perform, type Shell } from "../shell.js";
import { tableLines } from "../table.js";
import type { OutputStream } from "../terminal.js";

/** Adds `sluice check-deploy`. */
export function addCheckDeployCommand(program: Command, shell: Shell): void {
  program
    .command("check-deploy")
    .description("check s.yaml and the built functions before they are deployed; needs no network")
    .option("--manifest <file>", "the Serverless Devs file", "s.yaml")
    .option("--json", "print exactly one JSON document")
    .addHelpText(
      "after",
      "\nValues of env(…) in the file come from the environment: set what you deploy with. Exit code 2 tells of violations.",
    )
    .action(({ manifest }: { manifest: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const { checkDeploy } = await import("../../deploy/check-deploy.js");
        const report = await checkDeploy(path.resolve(manifest), { ...call.terminal.env });
        call.answer(report, () => showReport(report, call.terminal.out));
        return report.violations.length > 0 ? exitCodes.badInput : done;
      }),
    );
}

function showReport({ functions, bundles, violations }: DeployReport, out: OutputStream): void {
  const groups = groupsOf(violations);
  const lines = [
    `${groupedCounted(functions.length, "function")}: ${functions.join(", ")}`,
    ...tableLines(bundles, [
      { title: "loaded at start", value: ({ name }) => name },
      { title: "KB", value: ({ bytes }) => (bytes / 1000).toFixed(0), right: true },
      { title: "at most", value: ({ budget }) => (budget / 1000).toFixed(0), right: true },
    ]).map((line) => `  ${line}`),
    ...groups.flatMap(({ resources, field, value, expected }) => [
      `${out.paint("red", "violation")}: ${resources.join(", ")}: ${field}`,
      `  is        ${value}`,
      `  expected  ${expected}`,
    ]),
    groups.length === 0
      ? out.paint("green", "may be deployed")
      : `${out.paint("red", groupedCounted(groups.length, "violation"))}: not to be deployed`,
  ];
  out.write(`${lines.join("\n")}\n`);
}

/** A value that all functions share is wrong once, not five times. */
function groupsOf(violations: readonly Violation[]) {
  const groups = new Map<string, { resources: string[]; field: string; value: string; expected: string }>();
  for (const { resource, ...rest } of violations) {
    const key = JSON.stringify(rest);
    const group = groups.get(key) ?? { resources: [], ...rest };
    groups.set(key, { ...group, resources: [...group.resources, resource] });
  }
  return [...groups.values()];
}
