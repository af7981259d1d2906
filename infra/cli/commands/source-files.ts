import { type Command, Option } from "commander";
import type { ImportFormat } from "../../../shared/model/import-formats.js";
import type { ImportAnswer } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import type { OutputStream } from "../terminal.js";
import { readTextFile } from "../text-file.js";

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly format?: ImportFormat;
  readonly template?: string;
}

/** Adds `sluice source import|export`. */
export function addFileCommands(sources: Command, shell: Shell): void {
  addImport(sources, shell);
  addExport(sources, shell);
}

function formatOption(): Option {
  return new Option("--format <format>", "csv or jsonl").choices(["csv", "jsonl"]);
}

function addImport(sources: Command, shell: Shell): void {
  const command = sources
    .command("import")
    .description("register data sources from a file, row by row; a bad row keeps no other out")
    .argument("[file]", "CSV or JSON lines; - reads standard input")
    .option("--dry-run", "only say what would become of each row")
    .addOption(formatOption())
    .option("--template <type>", "print a CSV file to fill in for this type, and import nothing")
    .action((file: string | undefined, options: ImportOptions, self: Command) =>
      perform(shell, self, (call) =>
        options.template === undefined ? importFile(call, file, options) : printTemplate(call, options.template),
      ),
    );
  withCommonOptions(command);
}

async function printTemplate(call: CommandCall, type: string): Promise<ExitCode> {
  const { text } = await call.withClient((client) => client.importTemplate({ type }));
  call.answer({ type, template: text }, () => call.terminal.out.write(text));
  return done;
}

async function importFile(call: CommandCall, file: string | undefined, options: ImportOptions): Promise<ExitCode> {
  if (file === undefined) throw new BadInput("no file given", "Name a file, or - for standard input.");
  const content = await readTextFile(file, { terminal: call.terminal, what: "a file" });
  const format = options.format ?? (/\.(jsonl|ndjson)$/i.test(file) ? "jsonl" : "csv");
  const body = { format, content, dryRun: options.dryRun === true };
  const report = await call.withClient((client) => client.importDataSources({ body }));
  call.answer(report, () => showReport(report, call.terminal.out));
  return report.refused === 0 ? done : exitCodes.badInput;
}

function showReport({ dryRun, imported, refused, rows }: ImportAnswer, out: OutputStream): void {
  for (const { line, ok, action, name, environment, error } of rows) {
    const what = ok ? out.paint("green", action ?? "") : out.paint("red", "refused");
    const place = [name, environment].filter((part) => part !== null).join(" ");
    out.write(`line ${line}: ${what} ${place}${error ? `: ${error.message}` : ""}\n`);
  }
  out.write(`${imported} ${dryRun ? "would be imported" : "imported"}, ${refused} refused\n`);
}

function addExport(sources: Command, shell: Shell): void {
  const command = sources
    .command("export")
    .description("print all data sources as a file to import, without secrets")
    .addOption(formatOption().default("csv"))
    .action(({ format }: { format: ImportFormat }, self: Command) =>
      perform(shell, self, async (call) => {
        const { text } = await call.withClient((client) => client.exportDataSources({ query: { format } }));
        call.answer({ format, content: text }, () => call.terminal.out.write(text));
        return done;
      }),
    );
  withCommonOptions(command);
}
