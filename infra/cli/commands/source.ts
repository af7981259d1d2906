import type { Command } from "commander";
import type { JsonObject } from "../../../shared/model/json.js";
import type { DataSourceView } from "../../../shared/model/run.js";
import type { Client, ConnectionTest, DataSourceRequest } from "../client.js";
import { exitCodes } from "../exit-codes.js";
import { localTime, seconds } from "../numbers.js";
import { collectList, collectPairs, positiveInteger } from "../pairs.js";
import { type Call, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { createAskingForSecrets, propertiesOf, type SourceOptions } from "../source-properties.js";
import { tableLines } from "../table.js";
import type { Output } from "../terminal.js";

interface AddOptions extends SourceOptions {
  readonly type: string;
  readonly description?: string;
  readonly test?: boolean;
}

interface ListOptions {
  readonly limit?: number;
  readonly page?: string;
}

/** Adds `sluice source add|list|show|test`. */
export function addSourceCommands(program: Command, shell: Shell): void {
  const sources = program.command("source").description("data sources: named connections that jobs refer to");
  addAdd(sources, shell);
  addList(sources, shell);
  addShow(sources, shell);
  addTest(sources, shell);
}

function addAdd(sources: Command, shell: Shell): void {
  const command = sources
    .command("add")
    .description("register a data source; secrets are sealed at rest and never shown again")
    .argument("<name>", "letters, digits and underscores")
    .requiredOption("--type <type>", "system, such as mysql, oss or ots")
    .option("--set <property=value>", "a connection property; lists and objects as JSON; may be repeated", collectPairs)
    .option("--secret <property>", "a property to ask for without showing it; may be repeated", collectList)
    .option("--secret-env <property=VAR>", "a property to take from an environment variable", collectPairs)
    .option("--description <text>", "what it is")
    .option("--test", "test the connection afterwards")
    .action((name: string, options: AddOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const properties = await propertiesOf(name, options, call);
        return call.withClient((client) => add(call, client, options, requestOf(name, options, properties)));
      }),
    );
  withCommonOptions(command);
}

function requestOf(name: string, { type, description }: AddOptions, properties: JsonObject): DataSourceRequest {
  return { name, type, properties, ...(description !== undefined && { description }) };
}

async function add(call: Call, client: Client, options: AddOptions, request: DataSourceRequest) {
  const { out } = call.terminal;
  const dataSource = await createAskingForSecrets(client, request, call);
  const test = options.test ? await client.testDataSource(dataSource.name) : null;
  call.answer(test ? { dataSource, test } : dataSource, () => {
    out.write(`registered ${dataSource.type} data source ${dataSource.name}\n`);
    if (test) showTest(dataSource.name, test, out);
  });
  return test && !test.ok ? exitCodes.unreachable : done;
}

function addList(sources: Command, shell: Shell): void {
  const command = sources
    .command("list")
    .description("list data sources")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page }: ListOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.dataSources({ limit, page }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length === 0) return out.write("no data sources yet: sluice source add <name> --type …\n");
          out.write(`${sourceLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice source list --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function sourceLines(sources: readonly DataSourceView[]): string[] {
  return tableLines(sources, [
    { title: "data source", value: ({ name }) => name },
    { title: "type", value: ({ type }) => type },
    { title: "updated", value: ({ updatedAt }) => localTime(updatedAt) },
    { title: "description", value: ({ description }) => description },
  ]);
}

function addShow(sources: Command, shell: Shell): void {
  const command = sources
    .command("show")
    .description("show a data source, secrets masked")
    .argument("<name>", "the data source's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const source = await call.withClient((client) => client.dataSource(name));
        call.answer(source, () => showSource(source, call.terminal.out));
        return done;
      }),
    );
  withCommonOptions(command);
}

function showSource(source: DataSourceView, out: Output): void {
  const properties = Object.entries(source.properties).map(
    ([name, value]) => `  ${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const title = source.description === "" ? "" : `: ${source.description}`;
  out.write([`${source.type} data source ${source.name}${title}`, ...properties, ""].join("\n"));
}

function addTest(sources: Command, shell: Shell): void {
  const command = sources
    .command("test")
    .description("test the connection step by step; exit code 4 when it fails")
    .argument("<name>", "the data source's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const test = await call.withClient((client) => client.testDataSource(name));
        call.answer(test, () => showTest(name, test, call.terminal.out));
        return test.ok ? done : exitCodes.unreachable;
      }),
    );
  withCommonOptions(command);
}

function showTest(name: string, { ok, steps }: ConnectionTest, out: Output): void {
  const lines = steps.map((step) => {
    const mark = step.ok ? out.paint("green", "ok    ") : out.paint("red", "failed");
    return `  ${mark}  ${step.name.padEnd(8)}  ${seconds(step.durationMs / 1000).padStart(7)}  ${step.message}`;
  });
  const verdict = ok ? out.paint("green", "reachable") : out.paint("red", "not usable");
  out.write([`${name}: ${verdict}`, ...lines, ""].join("\n"));
}
