import type { Command } from "commander";
import { followAndReport } from "../follow-run.js";
import { perform, type Shell, withCommonOptions } from "../shell.js";

/** Adds `sluice resume`. */
export function addResumeCommand(program: Command, shell: Shell): void {
  const command = program
    .command("resume")
    .description("go on with a run that failed or was cancelled, where it stands, and report")
    .argument("<run>", "the run's id")
    .action((id: string, _options: object, self: Command) =>
      perform(shell, self, (call) =>
        call.withClient(async (client) => {
          await client.resumeRun({ id });
          return followAndReport(call, client, id);
        }),
      ),
    );
  withCommonOptions(command);
}
