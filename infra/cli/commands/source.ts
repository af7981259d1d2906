import type { Command } from "commander";
import type { Client } from "../../../shared/api/client/client.js";
import { ApiProblem, Unreachable } from "../../../shared/api/client/failures.js";
import type { DataSourceView, DefinitionView } from "../../../shared/model/data-source.js";
import type { JsonObject } from "../../../shared/model/json.js";
import type { DataSourceRequest } from "../api-requests.js";
import { exitCodes } from "../exit-codes.js";
import { localTime } from "../numbers.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { type DefinitionOptions, definitionOf, withDefinitionOptions, withPropertyOptions } from "../source-options.js";
import {
  askingForMissing,
  propertiesOf,
  type SourceOptions,
  secretProperties,
  type TypedSource,
} from "../source-properties.js";
import type { OutputStream } from "../terminal.js";
import { addChangeCommands } from "./source-change.js";
import { addFileCommands } from "./source-files.js";
import { addSourceListCommand, environmentText } from "./source-list.js";
import { addSourceTestCommand, showTest } from "./source-test.js";

interface AddOptions extends SourceOptions, DefinitionOptions {
  readonly type: string;
  readonly test?: boolean;
}

/** Adds `sluice source …`. */
export function addSourceCommands(program: Command, shell: Shell): void {
  const sources = program.command("source").description("data sources: named connections that jobs refer to");
  addAdd(sources, shell);
  addSourceListCommand(sources, shell);
  addShow(sources, shell);
  addSourceTestCommand(sources, shell);
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
    perform(shell, self, (call) =>
      call.withClient(async (client) => {
        const { type } = options;
        const source = { name, secrets: await secretProperties(client, type) };
        const properties = await propertiesOf(source, options, call);
        const request = { name, type, properties, ...definitionOf(options) };
        return add(call, client, { options, request, secrets: source.secrets });
      }),
    ),
  );
  withCommonOptions(command);
}

async function add(
  call: CommandCall,
  client: Client,
  { options, request, secrets }: Pick<TypedSource, "secrets"> & { options: AddOptions; request: DataSourceRequest },
) {
  const { out } = call.terminal;
  const isDemanded = options.test === true;
  const tested = options.test === false ? null : await testFirst(call, client, { request, secrets, isDemanded });
  if (tested?.answer && !tested.answer.ok) {
    const test = tested.answer;
    call.answer({ dataSource: null, test }, () => {
      showTest(request.name, test, out);
      out.write("not registered; --no-test registers it all the same\n");
    });
    return exitCodes.unreachable;
  }
  const wanted = { ...request, properties: tested?.properties ?? request.properties };
  const create = (properties: JsonObject) => client.createDataSource({ body: { ...wanted, properties } });
  const dataSource = tested
    ? await create(wanted.properties)
    : (await askingForMissing({ ...wanted, secrets }, call, create)).answer;
  const test = tested?.answer ?? null;
  if (test) await noteReachable(client, request);
  call.answer(options.test ? { dataSource, test } : dataSource, () => {
    if (test) showTest(dataSource.name, test, out);
    out.write(`registered ${dataSource.type} data source ${dataSource.name}\n`);
  });
  return done;
}

/**
 * Tests what was saved, so that the list shows how the connection is: only that test is remembered. The first one has
 * said all that matters, so a failure of this one is for the list alone.
 */
async function noteReachable(client: Client, { name, environment }: DataSourceRequest): Promise<void> {
  try {
    await client.testDataSource({ name, body: environment === undefined ? {} : { environment } });
  } catch (error) {
    if (!(error instanceof ApiProblem || error instanceof Unreachable)) throw error;
  }
}

/** Tests what is about to be saved; a type without a test is no failure unless a test was demanded. */
async function testFirst(
  call: CommandCall,
  client: Client,
  { request, secrets, isDemanded }: Pick<TypedSource, "secrets"> & { request: DataSourceRequest; isDemanded: boolean },
) {
  const { type, resourceGroup = null } = request;
  return askingForMissing({ ...request, secrets }, call, async (properties) => {
    try {
      return await client.testProperties({ body: { type, properties, resourceGroup } });
    } catch (error) {
      if (!isDemanded && error instanceof ApiProblem && error.problem.code === "UNSUPPORTED") return null;
      throw error;
    }
  });
}

function addShow(sources: Command, shell: Shell): void {
  const command = sources
    .command("show")
    .description("show a data source, secrets masked")
    .argument("<name>", "the data source's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const source = await call.withClient((client) => client.dataSource({ name }));
        call.answer(source, () => showSource(source, call.terminal.out));
        return done;
      }),
    );
  withCommonOptions(command);
}

function showSource(source: DataSourceView, out: OutputStream): void {
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

function definitionLines({ properties, tags, resourceGroup, connectivity }: DefinitionView): string[] {
  const lines = Object.entries(properties).map(
    ([name, value]) => `  ${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  if (tags?.length > 0) lines.push(`  tags: ${tags.join(", ")}`);
  if (resourceGroup) lines.push(`  resource group: ${resourceGroup}`);
  if (connectivity)
    lines.push(`  tested ${localTime(connectivity.at)}: ${connectivity.ok ? "ok" : "failed"}, ${connectivity.message}`);
  else lines.push("  not tested since it was last changed");
  return lines;
}
