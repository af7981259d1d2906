import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { fixScript } from "../../../shared/script/repair/fix-script.js";
import type { Parameters } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { checkText } from "../check-text.js";
import { groupedCounted } from "../numbers.js";
import { collectPairs } from "../pairs.js";
import { type ScriptText, showIssue } from "../problem.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { showWarnings } from "../warnings.js";

interface ValidateOptions {
  readonly param?: Parameters;
  readonly fix?: boolean;
  readonly write?: boolean;
}

/** Adds `sluice validate`. */
export function addValidateCommand(program: Command, shell: Shell): void {
  const command = program
    .command("validate")
    .description("check a job file and show everything wrong with it")
    .argument("<file>", "job file; - reads standard input")
    .option("-p, --param <name=value>", "value of a parameter of the job; may be repeated", collectPairs)
    .option("--fix", "repair what is beyond doubt, such as a missing comma, and print the repaired file")
    .option("--write", "with --fix: write the repaired text back into the file")
    .action((file: string, options: ValidateOptions, self: Command) =>
      perform(shell, self, async (call) => {
        if (options.write && !options.fix) throw new BadInput("--write without --fix", "Give both.");
        if (options.write && file === "-") throw new BadInput("cannot write to standard input", "Name a file.");
        const script = await call.readScript(file);
        return options.fix ? fix(call, script, options) : validate(call, script, options);
      }),
    );
  withCommonOptions(command);
}

async function validate(call: CommandCall, script: ScriptText, { param = {} }: ValidateOptions) {
  // The first look at a text that is no JSON should not start a local cloud.
  const { job } = await checkText(call, script.text, { parameters: param, mode: "preview" });
  const answer = await call.withClient((client) =>
    client.validate({ body: { script: script.text, parameters: param } }),
  );
  call.answer({ valid: true, ...answer }, () => {
    const { out } = call.terminal;
    showWarnings(answer.warnings, out, script);
    const found = answer.warnings.length === 0 ? "" : `, ${groupedCounted(answer.warnings.length, "warning")}`;
    out.write(`${script.file}: ${out.paint("green", "valid")}, ${job.reader.type} → ${job.writer.type}${found}\n`);
  });
  return done;
}

async function fix(call: CommandCall, script: ScriptText, { write }: ValidateOptions) {
  const { text, fixes } = fixScript(script.text);
  if (write && text !== script.text) await writeFile(script.file, text);
  call.answer({ script: text, fixes, written: write === true && text !== script.text }, () => {
    const { out, err } = call.terminal;
    const label = err.paint("green", "fixed");
    for (const one of fixes) showIssue(one, { output: err, script, label });
    if (!write) out.write(text);
    else if (fixes.length === 0) err.write(`${script.file}: nothing to repair\n`);
  });
  return done;
}
