import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { BadInput } from "./bad-input.js";
import { addAuditCommand } from "./commands/audit.js";
import { addBootstrapCommand } from "./commands/bootstrap.js";
import { addCalendarCommand } from "./commands/calendar.js";
import { addCancelCommand } from "./commands/cancel.js";
import { addCheckDeployCommand } from "./commands/check-deploy.js";
import { addConnectorCommands } from "./commands/connector.js";
import { addConvertCommand } from "./commands/convert.js";
import { addDirtyCommand } from "./commands/dirty.js";
import { addInstanceCommands } from "./commands/instance.js";
import { addJobCommands } from "./commands/job.js";
import { addLocalCommand } from "./commands/local.js";
import { addMemberCommands } from "./commands/member.js";
import { addPlanCommand } from "./commands/plan.js";
import { addResumeCommand } from "./commands/resume.js";
import { addRunCommand } from "./commands/run.js";
import { addRunsCommand } from "./commands/runs.js";
import { addSourceCommands } from "./commands/source.js";
import { addTemplateCommand } from "./commands/template.js";
import { addTokenCommands } from "./commands/token.js";
import { addValidateCommand } from "./commands/validate.js";
import { addWorkspaceCommands } from "./commands/workspace.js";
import { type ExitCode, exitCodeHelp, exitCodes } from "./exit-codes.js";
import { errorDocument } from "./problem.js";
import { type Shell, withCommonOptions } from "./shell.js";
import type { Terminal } from "./terminal.js";

/**
 * Runs the `sluice` command.
 *
 * @param args  the arguments after the command's own name
 * @returns the exit code of the process, see docs/cli.md; never throws
 */
export async function sluice(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const shell: Shell = { terminal, exitCode: exitCodes.done };
  try {
    await sluiceProgram(shell, { json: args.includes("--json") }).parseAsync(args, { from: "user" });
    return shell.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end in an error of exit code 0.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  }
}

/**
 * The command line itself: every command with its options, ready to parse.
 *
 * @param json  whether a wrong command line is told as a JSON document
 */
export function sluiceProgram(shell: Shell, { json }: { json: boolean }): Command {
  const root = new Command("sluice")
    .description("Serverless data integration: moves records between data sources.")
    .version(manifest.version, "--version", "print the version of the command")
    .addHelpText("after", helpTail)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(outputOf(shell.terminal, { json }));
  for (const add of [
    addRunCommand,
    addPlanCommand,
    addValidateCommand,
    addTemplateCommand,
    addConvertCommand,
    addRunsCommand,
    addDirtyCommand,
    addCancelCommand,
    addResumeCommand,
    addSourceCommands,
    addConnectorCommands,
    addWorkspaceCommands,
    addJobCommands,
    addInstanceCommands,
    addCalendarCommand,
    addTokenCommands,
    addMemberCommands,
    addAuditCommand,
    addLocalCommand,
    addCheckDeployCommand,
    addBootstrapCommand,
  ])
    add(root, shell);
  return withCommonOptions(root);
}

/** With `--json`, a wrong command line is a document on standard output like any other error. */
function outputOf({ out, err }: Terminal, { json }: { json: boolean }) {
  return {
    writeOut: (text: string) => out.write(text),
    writeErr: (text: string) => {
      if (!json) return err.write(text);
      const message = text.trim().replace(/^error: /, "");
      out.write(`${JSON.stringify(errorDocument(new BadInput(message, "See sluice --help.")), null, 2)}\n`);
    },
    getOutHelpWidth: () => out.width(),
    getErrHelpWidth: () => err.width(),
    getOutHasColors: () => out.paint("bold", "x") !== "x",
    getErrHasColors: () => err.paint("bold", "x") !== "x",
  };
}

const helpTail = `
Without --endpoint or SLUICE_ENDPOINT, commands use the local cloud of the data folder:
one that \`sluice local\` keeps running, else one that is started for the command and stopped after it.

Exit codes:
  ${exitCodeHelp}`;
