import type { Command } from "commander";
import { parseJob } from "../../../shared/script/read/parse-job.js";
import { printJob } from "../../../shared/script/spellings/print-job.js";
import { done, perform, type Shell } from "../shell.js";
import { showWarnings } from "../warnings.js";

/** Adds `sluice convert`. */
export function addConvertCommand(program: Command, shell: Shell): void {
  program
    .command("convert")
    .description("print a DataX or DataWorks 1.0 job as DataWorks 2.0; works offline")
    .argument("<file>", "job file; - reads standard input")
    .option("--json", "print exactly one JSON document: the script and the warnings")
    .action((file: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const script = await call.readScript(file);
        const { job, warnings } = parseJob(script.text, { mode: "preview" });
        const text = printJob(job);
        call.answer({ script: JSON.parse(text), warnings }, () => {
          showWarnings(warnings, call.terminal.err, script);
          call.terminal.out.write(`${text.trimEnd()}\n`);
        });
        return done;
      }),
    );
}
