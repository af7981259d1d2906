import type { Command } from "commander";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";

/** Adds `sluice template`. */
export function addTemplateCommand(program: Command, shell: Shell): void {
  const command = program
    .command("template")
    .description("print a job file to start from")
    .argument("<reader>", "type that is read, such as mysql")
    .argument("<writer>", "type that is written, such as oss")
    .action((reader: string, writer: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const { script } = await call.withClient((client) => client.template({ reader, writer }));
        call.terminal.out.write(`${scriptText(script)}\n`);
        return done;
      }),
    );
  withCommonOptions(command);
}

/** The API sends a script as an object or as its text. */
export function scriptText(script: unknown): string {
  return typeof script === "string" ? script.trimEnd() : JSON.stringify(script, null, 2);
}
