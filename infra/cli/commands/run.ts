import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { SourceEnvironment } from "../../../shared/model/workspace.js";
import type { Parameters, RunOrder } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { checkText } from "../check-text.js";
import { runAndReport } from "../follow-run.js";
import { collectPairs } from "../pairs.js";
import { type CommandCall, perform, type Shell, withCommonOptions } from "../shell.js";
import { environmentOption } from "../source-options.js";

interface RunOptions {
  readonly job?: string;
  readonly param?: Parameters;
  readonly key?: string;
  readonly environment?: SourceEnvironment;
}

/** Adds `sluice run`. */
export function addRunCommand(program: Command, shell: Shell): void {
  const command = program
    .command("run")
    .description("run a job file, or a stored job, and report")
    .argument("[file]", "job file; - reads standard input")
    .option("--job <name>", "run the stored job of this name instead of a file")
    .option("-p, --param <name=value>", "value of a parameter of the job; may be repeated", collectPairs)
    .option(
      "--environment <environment>",
      "production runs what was submitted of a stored job; default: development, in a standard workspace",
      environmentOption,
    )
    .option("--key <text>", "idempotency key: the same key again shows the run it started the first time")
    .action((file: string | undefined, options: RunOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const request = await requestOf(call, file, options);
        return call.withClient((client) => runAndReport(call, client, request));
      }),
    );
  withCommonOptions(command);
}

async function requestOf(call: CommandCall, file: string | undefined, options: RunOptions): Promise<RunOrder> {
  const { environment } = options;
  const rest = {
    parameters: options.param ?? {},
    idempotencyKey: options.key ?? randomUUID(),
    ...(environment !== undefined && { environment }),
  };
  if (file !== undefined && options.job !== undefined)
    throw new BadInput("both a job file and --job are given", "Give one of them.");
  if (options.job !== undefined) return { job: options.job, ...rest };
  if (file === undefined) throw new BadInput("no job given", "Name a job file, - for standard input, or --job <name>.");
  const { text } = await call.readScript(file);
  // What the text alone shows to be wrong is told with its line, before anything is started.
  await checkText(call, text, { parameters: rest.parameters, mode: "run" });
  return { script: text, ...rest };
}
