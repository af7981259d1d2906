import type { Command } from "commander";
import type { Client } from "../../shared/api/client/client.js";
import { type ConnectionOptions, connectApi } from "./connection.js";
import { type ExitCode, exitCodeOfError, exitCodes } from "./exit-codes.js";
import { errorDocument, type ScriptText, showError } from "./problem.js";
import { readScriptFile } from "./script-file.js";
import type { Terminal } from "./terminal.js";

/** Options that every command has. */
export interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** One invocation of a command. */
export interface CommandCall {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly options: CommonOptions;
  /** The job script that was read, if one was. */
  readonly script: ScriptText | null;
  /** Reads a job script; an error that comes later is shown with the line at fault. */
  readScript(file: string): Promise<ScriptText>;
  /** Works with the API; a local cloud that had to be started for it is stopped afterwards. */
  withClient<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Answers: the document with `--json`, else what `show` writes. */
  answer(document: object, show: () => void): void;
}

/** Where commands find their terminal and leave their exit code. */
export interface Shell {
  readonly terminal: Terminal;
  exitCode: ExitCode;
}

/** Runs one command to its exit code: whatever it throws is shown, as a document with `--json`. */
export async function perform(
  shell: Shell,
  command: Command,
  work: (call: CommandCall) => Promise<ExitCode>,
): Promise<void> {
  const { terminal } = shell;
  const options: CommonOptions = optionsOf(command);
  const json = options.json === true;
  let script: ScriptText | null = null;
  const call: CommandCall = {
    terminal,
    json,
    options,
    get script() {
      return script;
    },
    async readScript(file) {
      script = await readScriptFile(file, terminal);
      return script;
    },
    async withClient(work) {
      const connection = await connectApi(options, terminal);
      try {
        return await work(connection.client);
      } finally {
        await connection.close();
      }
    },
    answer: (document, show) => (json ? terminal.out.write(`${JSON.stringify(document, null, 2)}\n`) : show()),
  };
  try {
    shell.exitCode = await work(call);
  } catch (error) {
    shell.exitCode = exitCodeOfError(error);
    call.answer(errorDocument(error), () => showError(error, terminal.err, script));
  }
}

/** The command's own options win over what stands before it. */
function optionsOf(command: Command): CommonOptions {
  return { ...(command.parent && optionsOf(command.parent)), ...command.opts<CommonOptions>() };
}

/** Adds the options of every command that speaks to the API; in front of the command they mean the same. */
export function withCommonOptions(command: Command): Command {
  return command
    .option("--json", "print exactly one JSON document and no progress")
    .optionsGroup("Where Sluice runs:")
    .option("--endpoint <url>", "address of the Sluice API (env: SLUICE_ENDPOINT); without it a local cloud is used")
    .option("--token <token>", "bearer token of the API (env: SLUICE_TOKEN)")
    .option("--workspace <name>", "the workspace (env: SLUICE_WORKSPACE, default: default)")
    .option("--data <folder>", "data folder of the local cloud (env: SLUICE_DATA, default: .sluice)");
}

/** All went well. */
export const done = exitCodes.done;
