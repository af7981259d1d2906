import type { Command } from "commander";
import type { JsonObject } from "../../../shared/model/json.js";
import type { DataSourceView, DefinitionView } from "../../../shared/model/run.js";
import type { SourceEnvironment } from "../../../shared/model/workspace.js";
import type { Client } from "../client.js";
import { exitCodes } from "../exit-codes.js";
import { ApiProblem } from "../failures.js";
import { localTime, seconds } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { type Call, done, perform, type Shell, withCommonOptions } from "../shell.js";
import type { ConnectionTest, DataSourceRequest } from "../source-calls.js";
import {
  type DefinitionOptions,
  definitionOf,
  environmentOption,
  withDefinitionOptions,
  withPropertyOptions,
} from "../source-options.js";
import { askingForMissing, propertiesOf, type SourceOptions } from "../source-properties.js";
import { tableLines } from "../table.js";
import type { Output } from "../terminal.js";
import { addChangeCommands } from "./source-change.js";
import { addFileCommands } from "./source-files.js";

interface AddOptions extends SourceOptions, DefinitionOptions {
  readonly type: string;
  readonly test?: boolean;
}

interface ListOptions {
  readonly limit?: number;
  readonly page?: string;
  readonly type?: string;
  readonly tag?: string;
  readonly environment?: string;
  readonly connectivity?: string;
}

/** Adds `sluice source …`. */
export function addSourceCommands(program: Command, shell: Shell): void {
  const sources = program.command("source").description("data sources: named connections that jobs refer to");
  addAdd(sources, shell);
  addList(sources, shell);
  addShow(sources, shell);
  addTest(sources, shell);
  addChangeCommands(sources, shell);
  addFileCommands(sources, shell);
}

function addAdd(sources: Command, shell: Shell): void {
  const command = sources
    .command("add")
    .description("test a data source and register it; secrets are sealed at rest and never shown again")
    .argument("<name>", "letters, digits and underscores")
    .requiredOption("--type <type>", "system, such as mysql, oss or ots")
    .option("--test", "refuse a data source whose type has no test")
    .option("--no-test", "register it without testing the connection");
  withDefinitionOptions(withPropertyOptions(command)).action((name: string, options: AddOptions, self: Command) =>
    perform(shell, self, async (call) => {
      const properties = await propertiesOf(name, options, call);
      const { type } = options;
      const request = { name, type, properties, ...definitionOf(options) };
      return call.withClient((client) => add(call, client, options, request));
    }),
  );
  withCommonOptions(command);
}

async function add(call: Call, client: Client, options: AddOptions, request: DataSourceRequest) {
  const { out } = call.terminal;
  const tested = options.test === false ? null : await testFirst(call, client, request, options.test === true);
  if (tested?.answer && !tested.answer.ok) {
    const test = tested.answer;
    call.answer({ dataSource: null, test }, () => {
      showTest(request.name, test, out);
      out.write("not registered; --no-test registers it all the same\n");
    });
    return exitCodes.unreachable;
  }
  const wanted = { ...request, properties: tested?.properties ?? request.properties };
  const create = (properties: JsonObject) => client.createDataSource({ ...wanted, properties });
  const dataSource = tested ? await create(wanted.properties) : (await askingForMissing(wanted, call, create)).answer;
  const test = tested?.answer ?? null;
  call.answer(options.test ? { dataSource, test } : dataSource, () => {
    if (test) showTest(dataSource.name, test, out);
    out.write(`registered ${dataSource.type} data source ${dataSource.name}\n`);
  });
  return done;
}

/** Tests what is about to be saved; a type without a test is no failure unless a test was demanded. */
async function testFirst(call: Call, client: Client, request: DataSourceRequest, isDemanded: boolean) {
  const { type, resourceGroup = null } = request;
  return askingForMissing(request, call, async (properties) => {
    try {
      return await client.testProperties({ type, properties, resourceGroup });
    } catch (error) {
      if (!isDemanded && error instanceof ApiProblem && error.problem.code === "UNSUPPORTED") return null;
      throw error;
    }
  });
}

function addList(sources: Command, shell: Shell): void {
  const command = sources
    .command("list")
    .description("list data sources")
    .option("--type <type>", "of this system only")
    .option("--tag <tag>", "with this tag only")
    .option("--environment <environment>", "configured for development or production only")
    .option("--connectivity <result>", "whose last test was ok or failed, or unknown")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page, type, tag, environment, connectivity }: ListOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const query = { limit, page, type, tag, environment, connectivity };
        const answer = await call.withClient((client) => client.dataSources(query));
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
    { title: "environment", value: environmentText },
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

/** Where it applies, and what is left to do; a basic workspace has one environment and does not name it. */
function environmentText({ applicableEnvironment, missing }: DataSourceView): string {
  if (!applicableEnvironment) return "";
  return missing.length === 0 ? applicableEnvironment : `${applicableEnvironment}, ${missing.join(" and ")} incomplete`;
}

function showSource(source: DataSourceView, out: Output): void {
  const title = source.description === "" ? "" : `: ${source.description}`;
  const lines = [`${source.type} data source ${source.name}${title}`];
  if (source.applicableEnvironment) lines.push(`environment: ${environmentText(source)}`);
  if (source.sharedBy) lines.push(`shared by workspace ${source.sharedBy}`);
  for (const { workspace, environments } of source.grants ?? [])
    lines.push(`shared with workspace ${workspace}: ${environments.join(" and ")}`);
  const halves = Object.entries(source.definitions ?? {});
  if (source.applicableEnvironment === null || halves.length === 0) lines.push(...definitionLines(source));
  else for (const [environment, half] of halves) lines.push(`${environment}:`, ...definitionLines(half));
  out.write(`${lines.join("\n")}\n`);
}

function definitionLines({ properties, tags, connectivity }: DefinitionView): string[] {
  const lines = Object.entries(properties).map(
    ([name, value]) => `  ${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  if (tags?.length > 0) lines.push(`  tags: ${tags.join(", ")}`);
  if (connectivity)
    lines.push(`  tested ${localTime(connectivity.at)}: ${connectivity.ok ? "ok" : "failed"}, ${connectivity.message}`);
  return lines;
}

function addTest(sources: Command, shell: Shell): void {
  const command = sources
    .command("test")
    .description("test the connection step by step; exit code 4 when it fails")
    .argument("<name>", "the data source's name")
    .option("--environment <environment>", "development or production; default: where drafts run", environmentOption)
    .action((name: string, { environment }: { environment?: SourceEnvironment }, self: Command) =>
      perform(shell, self, async (call) => {
        const wish = environment === undefined ? {} : { environment };
        const test = await call.withClient((client) => client.testDataSource(name, wish));
        call.answer(test, () => showTest(name, test, call.terminal.out));
        return test.ok ? done : exitCodes.unreachable;
      }),
    );
  withCommonOptions(command);
}

function showTest(name: string, { ok, steps }: ConnectionTest, out: Output): void {
  const lines = steps.map((step) => {
    const mark = step.ok ? out.paint("green", "ok    ") : out.paint("red", "failed");
    return `  ${mark}  ${step.name.padEnd(8)}  ${seconds(step.durationMs / 1000).padStart(7)}  ${step.message}${step.hint ? `. ${step.hint}` : ""}`;
  });
  const verdict = ok ? out.paint("green", "reachable") : out.paint("red", "not usable");
  out.write([`${name}: ${verdict}`, ...lines, ""].join("\n"));
}
