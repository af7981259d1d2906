import type { Command } from "commander";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";

/** Adds `sluice cancel`. */
export function addCancelCommand(program: Command, shell: Shell): void {
  const command = program
    .command("cancel")
    .description("cancel a run: it stops at its next heartbeat")
    .argument("<run>", "the run's id")
    .action((id: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const run = await call.withClient((client) => client.cancelRun({ id }));
        call.answer({ run }, () => call.terminal.out.write(`run ${run.id}: ${run.state}, cancel requested\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}
