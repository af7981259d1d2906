import type { Command } from "commander";
import type { SourceEnvironment } from "../../../shared/model/workspace.js";
import type { ConnectionTest, TestedItem } from "../api-requests.js";
import { exitCodes } from "../exit-codes.js";
import { seconds } from "../numbers.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { environmentOption } from "../source-options.js";
import type { OutputStream } from "../terminal.js";

interface TestOptions {
  readonly environment?: SourceEnvironment;
  readonly write?: boolean;
}

/** Adds `sluice source test`. */
export function addSourceTestCommand(sources: Command, shell: Shell): void {
  const command = sources
    .command("test")
    .description("test connections step by step; exit code 4 when one fails")
    .argument("<names...>", "the data sources' names")
    .option("--environment <environment>", "development or production; default: where drafts run", environmentOption)
    .option("--write", "test also whether they can be written")
    .action((names: string[], { environment, write }: TestOptions, self: Command) =>
      perform(shell, self, (call) => {
        const options = { ...(environment && { environment }), ...(write && { write }) };
        const [only = ""] = names;
        return names.length === 1 ? testOne(call, only, options) : testMany(call, names, options);
      }),
    );
  withCommonOptions(command);
}

async function testOne(call: CommandCall, name: string, options: TestOptions) {
  const test = await call.withClient((client) => client.testDataSource({ name, body: options }));
  call.answer(test, () => showTest(name, test, call.terminal.out));
  return test.ok ? done : exitCodes.unreachable;
}

async function testMany(call: CommandCall, names: readonly string[], options: TestOptions) {
  const { items } = await call.withClient((client) =>
    client.testDataSources({ body: { names: [...names], ...options } }),
  );
  call.answer({ items }, () => {
    for (const item of items) showItem(item, call.terminal.out);
  });
  return items.every(({ ok }) => ok) ? done : exitCodes.unreachable;
}

function showItem(item: TestedItem, out: OutputStream): void {
  if (!("error" in item)) showTest(item.name, item, out);
  else
    out.write(`${item.name}: ${out.paint("red", "not tested")}: ${item.error.message}\n  hint: ${item.error.hint}\n`);
}

/** Writes the verdict and every step. */
export function showTest(name: string, { ok, steps }: ConnectionTest, out: OutputStream): void {
  const lines = steps.map((step) => {
    const mark = step.ok ? out.paint("green", "ok    ") : out.paint("red", "failed");
    return `  ${mark}  ${step.name.padEnd(8)}  ${seconds(step.durationMs / 1000).padStart(7)}  ${step.message}${step.hint ? `. ${step.hint}` : ""}`;
  });
  const verdict = ok ? out.paint("green", "reachable") : out.paint("red", "not usable");
  out.write([`${name}: ${verdict}`, ...lines, ""].join("\n"));
}
