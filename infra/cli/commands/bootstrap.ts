import type { Command } from "commander";
import type { BootstrapItem, BootstrapReport } from "../../deploy/bootstrap.js";
import { done, perform, type Shell } from "../shell.js";
import type { OutputStream } from "../terminal.js";

interface BootstrapOptions {
  readonly dryRun?: boolean;
  readonly otsEndpoint?: string;
  readonly ossEndpoint?: string;
}

/** Adds `sluice bootstrap`. */
export function addBootstrapCommand(program: Command, shell: Shell): void {
  program
    .command("bootstrap")
    .description("make or verify tables and buckets in an account, and the first admin token")
    .option("--dry-run", "only look, and tell what would be done")
    .option("--ots-endpoint <url>", "Tablestore as reached from here (default: SLUICE_OTS_ENDPOINT)")
    .option("--oss-endpoint <url>", "OSS as reached from here (default: SLUICE_OSS_ENDPOINT)")
    .option("--json", "print exactly one JSON document")
    .addHelpText("after", environmentHelp)
    .action((options: BootstrapOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const { bootstrap } = await import("../../deploy/bootstrap.js");
        const report = await bootstrap({
          env: environmentOf(call.terminal.env, options),
          isDryRun: options.dryRun === true,
        });
        call.answer(report, () => showReport(report, call.terminal.out));
        return done;
      }),
    );
}

const environmentHelp = `
Takes the variables of the deployment from the environment: SLUICE_STAGE, SLUICE_REGION, SLUICE_OTS_ENDPOINT, SLUICE_OTS_INSTANCE,
SLUICE_OSS_ENDPOINT, SLUICE_OSS_BUCKET; and your own key: ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET,
ALIBABA_CLOUD_SECURITY_TOKEN. The Tablestore instance must exist.`;

/** The functions reach the services by internal addresses, which lead nowhere from outside. */
function environmentOf(env: NodeJS.ProcessEnv, { otsEndpoint, ossEndpoint }: BootstrapOptions): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(otsEndpoint !== undefined && { SLUICE_OTS_ENDPOINT: otsEndpoint }),
    ...(ossEndpoint !== undefined && { SLUICE_OSS_ENDPOINT: ossEndpoint }),
  };
}

function showReport({ isDryRun, instance, tables, buckets, admin, notes }: BootstrapReport, out: OutputStream): void {
  const line =
    (kind: string) =>
    ({ name, state }: BootstrapItem) =>
      `  ${kind}  ${name.padEnd(28)}  ${state === "missing" ? "would be created" : state}`;
  const lines = [
    `Tablestore instance ${instance}${isDryRun ? " (dry run: nothing is changed)" : ""}`,
    ...tables.map(line("table ")),
    ...buckets.map(line("bucket")),
    ...notes.map((note) => `note: ${note}`),
  ];
  out.write(`${lines.join("\n")}\n`);
  if (admin) out.write(adminText(admin, out));
}

function adminText({ token, environment }: NonNullable<BootstrapReport["admin"]>, out: OutputStream): string {
  return [
    "",
    `${out.paint("bold", "Admin token")}, shown this once and stored nowhere:`,
    `  ${token}`,
    "Set for the deployment:",
    ...Object.entries(environment).map(([name, value]) => `  export ${name}='${value}'`),
    "",
  ].join("\n");
}
