import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import type { Client } from "../../../shared/api/client/client.js";
import { BadInput } from "../bad-input.js";
import { dirtyLines } from "../dirty-list.js";
import { dirtyPages } from "../dirty-pages.js";
import { groupedCount, groupedCounted } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";

interface DirtyOptions {
  readonly limit?: number;
  readonly page?: string;
  readonly download?: string;
}

/** Adds `sluice dirty`. */
export function addDirtyCommand(program: Command, shell: Shell): void {
  const command = program
    .command("dirty")
    .description("list the dirty records of a run with their reasons, or download them")
    .argument("<run>", "the run's id")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .option("--download <file>", "write all kept records to a file as JSON lines; - writes standard output")
    .action((id: string, options: DirtyOptions, self: Command) =>
      perform(shell, self, (call) =>
        call.withClient((client) =>
          options.download === undefined
            ? list(call, client, { ...options, id })
            : download(call, client, { id, file: options.download }),
        ),
      ),
    );
  withCommonOptions(command);
}

async function list(call: CommandCall, client: Client, { id, limit, page }: DirtyOptions & { id: string }) {
  const answer = await client.dirty({ id, query: { limit, page } });
  const { out } = call.terminal;
  call.answer(answer, () => {
    const kept = answer.kept < answer.total ? `, ${groupedCount(answer.kept)} of them kept` : "";
    out.write(`${groupedCounted(answer.total, "dirty record")}${kept}\n`);
    if (answer.items.length > 0) out.write(`\n${dirtyLines(answer.items).join("\n")}\n`);
    if (answer.nextPage !== null) out.write(`more: sluice dirty ${id} --page ${answer.nextPage}\n`);
  });
  return done;
}

async function download(call: CommandCall, client: Client, { id, file }: { id: string; file: string }) {
  const { out, err } = call.terminal;
  if (file === "-") {
    if (call.json) throw new BadInput("--json and --download - both want standard output", "Give one of them.");
    for await (const lines of dirtyPages(client, id)) out.write(lines);
    return done;
  }
  let records = 0;
  await pipeline(async function* () {
    for await (const lines of dirtyPages(client, id)) {
      records += lines.split("\n").filter((line) => line !== "").length;
      yield lines;
    }
  }, createWriteStream(file)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.syscall !== "open") throw cause;
    throw new BadInput(`cannot write ${file}: ${cause.code}`, "Name a file in a folder that exists.", { cause });
  });
  call.answer({ run: id, file, records }, () => err.write(`${groupedCounted(records, "dirty record")} in ${file}\n`));
  return done;
}
