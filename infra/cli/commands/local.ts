import type { Command } from "commander";
import { dataFolder } from "../connection.js";
import type { SluiceLocal } from "../local.js";
import { portNumber } from "../pairs.js";
import { type CommandCall, done, perform, type Shell } from "../shell.js";
import { addLocalFaultCommands } from "./local-faults.js";

interface LocalOptions {
  readonly logs?: boolean;
  readonly fresh?: boolean;
  readonly watch?: boolean;
  readonly apiPort?: number;
  readonly fcPort?: number;
  readonly tablestorePort?: number;
  readonly ossPort?: number;
  readonly maxcomputePort?: number;
}

/** Adds `sluice local`. */
export function addLocalCommand(program: Command, shell: Shell): void {
  const local = program
    .command("local")
    .description("keep the local cloud running in the foreground; Ctrl-C stops it, the data stays")
    .option("--logs", "show the log of the functions on standard error")
    .option("--fresh", "throw away the data of earlier starts first")
    .option("--watch", "load the functions anew when they were built again")
    .option("--json", "print exactly one JSON document, once everything answers")
    .option("--data <folder>", "data folder (env: SLUICE_DATA, default: .sluice)")
    .optionsGroup("Ports (default: those of the last start, at first any free one):")
    .option("--api-port <port>", "port of the Sluice API", portNumber)
    .option("--fc-port <port>", "port of Function Compute", portNumber)
    .option("--tablestore-port <port>", "port of Tablestore", portNumber)
    .option("--oss-port <port>", "port of OSS", portNumber)
    .option("--maxcompute-port <port>", "port of MaxCompute", portNumber)
    .action((options: LocalOptions, self: Command) => perform(shell, self, (call) => keepRunning(call, options)));
  addLocalFaultCommands(local, shell);
}

async function keepRunning(call: CommandCall, options: LocalOptions) {
  const { terminal } = call;
  const { startSluiceLocal } = await import("../local.js");
  const { err } = terminal;
  const stop = untilInterrupted(call);
  const local = await startSluiceLocal({
    folder: dataFolder(call.options, terminal.env),
    shared: true,
    fresh: options.fresh === true,
    ports: {
      ...(options.apiPort && { api: options.apiPort }),
      ...(options.fcPort && { fc: options.fcPort }),
      ...(options.tablestorePort && { tablestore: options.tablestorePort }),
      ...(options.ossPort && { oss: options.ossPort }),
      ...(options.maxcomputePort && { maxcompute: options.maxcomputePort }),
    },
    ...(options.logs && { onLog: ({ functionName, line }) => err.write(`${functionName} ${line}\n`) }),
    ...(options.watch && {
      onReload: () => void (call.json || err.write("the functions have changed and are loaded anew\n")),
    }),
  });
  call.answer(documentOf(local), () => terminal.out.write(welcome(local, call)));
  await stop;
  if (!call.json) err.write("\nstopping …\n");
  await local.close();
  return done;
}

/** A second Ctrl-C leaves at once, should stopping take too long. */
function untilInterrupted({ terminal }: CommandCall): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    terminal.onInterrupt(() => {
      if (asked) terminal.leave(done);
      asked = true;
      resolve();
    });
  });
}

function documentOf({ address, endpoints, credentials, credentialsFile, folder, buckets, instance }: SluiceLocal) {
  return { folder, api: address, endpoints, credentials, credentialsFile, tablestoreInstance: instance, buckets };
}

function welcome(local: SluiceLocal, { terminal: { out } }: CommandCall): string {
  const { endpoints, buckets } = local;
  const rows = [
    ["API", local.address.endpoint],
    ["token", local.address.token],
    ["Function Compute", endpoints.fc],
    ["Tablestore", `${endpoints.tablestore} (instance ${local.instance})`],
    ["OSS", `${endpoints.oss} (buckets ${buckets.join(", ")})`],
    // ali-oss puts the bucket in front of every host name, digits or not, unless told so.
    ["", "path style: the bucket goes into the path; ali-oss needs sldEnable: true, other clients see the IP address"],
    ["MaxCompute", `${endpoints.maxcompute} (project sluice_dev; tunnel at the same port)`],
    ["credentials", local.credentialsFile],
    ["data", local.folder],
  ] as const;
  return [
    out.paint("bold", "Sluice is running locally."),
    ...rows.map(([name, value]) => `  ${name.padEnd(16)}  ${value}`),
    "",
    "Commands on the same data folder, in another terminal, use it: sluice run job.json",
    "Ctrl-C stops it; the data stays.",
    "",
  ].join("\n");
}
