import type { Command } from "commander";
import type { PlanReport } from "../../../shared/model/plan.js";
import type { Parameters } from "../api-requests.js";
import { checkText } from "../check-text.js";
import { costText } from "../cost-text.js";
import { bytes, groupedCount, groupedCounted } from "../numbers.js";
import { collectPairs } from "../pairs.js";
import { deliveryText } from "../run-report.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import type { OutputStream } from "../terminal.js";
import { showWarnings } from "../warnings.js";

/** Adds `sluice plan`. */
export function addPlanCommand(program: Command, shell: Shell): void {
  const command = program
    .command("plan")
    .description("show what a job would do: splits, columns and types, delivery; moves nothing")
    .argument("<file>", "job file; - reads standard input")
    .option("-p, --param <name=value>", "value of a parameter of the job; may be repeated", collectPairs)
    .action((file: string, options: { param?: Parameters }, self: Command) =>
      perform(shell, self, async (call) => {
        const script = await call.readScript(file);
        await checkText(call, script.text, { parameters: options.param ?? {}, mode: "run" });
        const plan = await call.withClient((client) =>
          client.plan({ body: { script: script.text, parameters: options.param ?? {} } }),
        );
        call.answer(plan, () => {
          showPlan(plan, call.terminal.out);
          showWarnings(plan.warnings, call.terminal.out, script);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function showPlan(plan: PlanReport, out: OutputStream): void {
  const side = ({ type, dataSources }: PlanReport["reader"]): string =>
    dataSources.length === 0 ? type : `${type} (${dataSources.join(", ")})`;
  const rows = plan.estimatedRows === null ? "unknown" : `about ${groupedCount(plan.estimatedRows)}`;
  const zone = ({ timeZone }: PlanReport["reader"]): string => `${timeZone.zone} (${timeZone.from})`;
  const lines = [
    `${out.paint("bold", side(plan.reader))} → ${out.paint("bold", side(plan.writer))}`,
    `  delivery  ${deliveryText(plan.delivery)}`,
    `  shards    ${groupedCounted(plan.concurrent, "shard")} at once`,
    `  records   ${rows}`,
    `  zones     reads in ${zone(plan.reader)}`,
    `            writes in ${zone(plan.writer)}`,
    ...(plan.cost ? [`  cost      ${costText(plan.cost)}`, `            if ${plan.cost.assumption}`] : []),
    "",
    ...mappingLines(plan, out),
    "",
    `${groupedCounted(plan.splits.length, "split")}:`,
    ...tableLines(plan.splits, [
      { title: "records", value: ({ rows }) => (rows === null ? "-" : groupedCount(rows)), right: true },
      { title: "size", value: ({ bytes: size }) => (size === null ? "-" : bytes(size)), right: true },
      { title: "what", value: ({ describe }) => describe },
    ]).map((line) => `  ${line}`),
  ];
  out.write(`${lines.join("\n")}\n`);
}

function mappingLines({ mapping }: PlanReport, out: OutputStream): string[] {
  const table = tableLines(mapping, [
    { title: "from", value: ({ from }) => from },
    { title: "type", value: ({ fromType }) => fromType },
    { title: "to", value: ({ to }) => to },
    { title: "type", value: ({ toType }) => toType },
    { title: "", value: ({ warning }) => (warning === null ? "" : `! ${warning}`) },
  ]);
  return [
    `${groupedCounted(mapping.length, "column")}:`,
    ...table.map((line) => `  ${line.includes("  ! ") ? out.paint("yellow", line) : line}`),
  ];
}
