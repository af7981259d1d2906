import { type Command, Option } from "commander";
import type { DataSourceView } from "../../../shared/model/data-source.js";
import type { SourceEnvironment } from "../../../shared/model/workspace.js";
import type { DeletedSourceAnswer } from "../api-requests.js";
import { localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { environmentOption } from "../source-options.js";
import { tableLines } from "../table.js";

interface ListOptions {
  readonly limit?: number;
  readonly page?: string;
  readonly type?: string;
  readonly name?: string;
  readonly tag?: string;
  readonly environment?: SourceEnvironment;
  readonly usableIn?: SourceEnvironment;
  readonly connectivity?: "ok" | "failed" | "unknown";
  readonly deleted?: boolean;
}

/** Adds `sluice source list`. */
export function addSourceListCommand(sources: Command, shell: Shell): void {
  const command = sources
    .command("list")
    .description("list data sources, or with --deleted those that can be restored")
    .option("--type <type>", "of this system only")
    .option("--name <part>", "with this in their names only")
    .option("--tag <tag>", "with this tag only")
    .option("--environment <environment>", "configured for development or production only", environmentOption)
    .option("--usable-in <environment>", "that jobs may use in development or production only", environmentOption)
    .addOption(
      new Option("--connectivity <result>", "whose last test was ok or failed, or unknown").choices([
        "ok",
        "failed",
        "unknown",
      ]),
    )
    .option("--deleted", "deleted ones that can be restored")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ deleted, ...query }: ListOptions, self: Command) =>
      perform(shell, self, (call) => (deleted ? listDeleted(call, query) : list(call, query))),
    );
  withCommonOptions(command);
}

async function list(call: CommandCall, query: Omit<ListOptions, "deleted">) {
  const answer = await call.withClient((client) => client.dataSources({ query }));
  const { out } = call.terminal;
  const { limit: _limit, page: _page, ...filters } = query;
  call.answer(answer, () => {
    if (answer.items.length > 0) out.write(`${sourceLines(answer.items).join("\n")}\n`);
    else if (answer.nextPage === null) out.write(nothing({ isFiltered: Object.values(filters).some(Boolean) }));
    if (answer.nextPage !== null) out.write(`more: sluice source list --page ${answer.nextPage}\n`);
  });
  return done;
}

function nothing({ isFiltered }: { isFiltered: boolean }): string {
  return isFiltered ? "no data source fits\n" : "no data sources yet: sluice source add <name> --type …\n";
}

async function listDeleted(call: CommandCall, { limit, page }: Pick<ListOptions, "limit" | "page">) {
  const answer = await call.withClient((client) => client.deletedDataSources({ query: { limit, page } }));
  const { out } = call.terminal;
  call.answer(answer, () => {
    if (answer.items.length === 0) return out.write("nothing can be restored: deletions are kept for 7 days\n");
    out.write(`${deletedLines(answer.items).join("\n")}\n`);
    if (answer.nextPage !== null) out.write(`more: sluice source list --deleted --page "${answer.nextPage}"\n`);
    out.write("restore: sluice source restore <name>\n");
  });
  return done;
}

function deletedLines(sources: readonly DeletedSourceAnswer[]): string[] {
  return tableLines(sources, [
    { title: "data source", value: ({ name }) => name },
    { title: "type", value: ({ type }) => type },
    { title: "environment", value: ({ environment }) => environment },
    { title: "deleted", value: ({ deletedAt }) => localTime(deletedAt) },
    { title: "restorable until", value: ({ restorableUntil }) => localTime(restorableUntil) },
  ]);
}

function sourceLines(sources: readonly DataSourceView[]): string[] {
  return tableLines(sources, [
    { title: "data source", value: ({ name }) => name },
    { title: "type", value: ({ type }) => type },
    { title: "environment", value: environmentText },
    { title: "connection", value: connectionText },
    { title: "updated", value: ({ updatedAt }) => localTime(updatedAt) },
    { title: "description", value: ({ description }) => description },
  ]);
}

/** Where it applies, and what is left to do; a basic workspace has one environment and does not name it. */
export function environmentText({ applicableEnvironment, missing }: DataSourceView): string {
  if (!applicableEnvironment) return "";
  return missing.length === 0 ? applicableEnvironment : `${applicableEnvironment}, ${missing.join(" and ")} incomplete`;
}

/** How the last tests went; of both halves when they differ. */
function connectionText({ definitions }: DataSourceView): string {
  const results = Object.entries(definitions ?? {}).map(([environment, { connectivity }]) => {
    return { environment, result: connectivity === null ? "not tested" : connectivity.ok ? "ok" : "failed" };
  });
  const [first] = results;
  if (results.every(({ result }) => result === first?.result)) return first?.result ?? "";
  return results.map(({ environment, result }) => `${environment} ${result}`).join(", ");
}
