import type { Command } from "commander";
import { ApiProblem } from "../../../shared/api/client/failures.js";
import type { SourceEnvironment } from "../../../shared/model/workspace.js";
import type { AffectedJob, DeletionRequest } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { localTime } from "../numbers.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import {
  type DefinitionOptions,
  definitionOf,
  environmentOption,
  withDefinitionOptions,
  withPropertyOptions,
} from "../source-options.js";
import { propertiesOf, type SourceOptions, secretProperties } from "../source-properties.js";
import type { OutputStream } from "../terminal.js";

/** Adds `sluice source edit|clone|rm|restore|share`. */
export function addChangeCommands(sources: Command, shell: Shell): void {
  addEdit(sources, shell);
  addClone(sources, shell);
  addRemove(sources, shell);
  addRestore(sources, shell);
  addShare(sources, shell);
}

function addEdit(sources: Command, shell: Shell): void {
  const command = sources
    .command("edit")
    .description("change a data source, or configure its other environment; what is not given stays")
    .argument("<name>", "the data source's name");
  withDefinitionOptions(withPropertyOptions(command)).action(
    (name: string, options: SourceOptions & DefinitionOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const source = await call.withClient(async (client) => {
          const before = await client.dataSource({ name });
          const secrets = await secretProperties(client, before.type);
          const given = await propertiesOf({ name, secrets }, options, call);
          const half = options.environment ? before.definitions[options.environment] : before;
          const properties = { ...half?.properties, ...given };
          const isChanged = Object.keys(given).length > 0;
          const body = { ...definitionOf(options), ...(isChanged && { properties }) };
          return client.changeDataSource({ name, body, ifMatch: before.version });
        });
        call.answer(source, () => call.terminal.out.write(`changed ${source.name}, version ${source.version}\n`));
        return done;
      }),
  );
  withCommonOptions(command);
}

interface CloneOptions extends SourceOptions {
  readonly from?: SourceEnvironment;
  readonly into?: SourceEnvironment;
}

function addClone(sources: Command, shell: Shell): void {
  const command = sources
    .command("clone")
    .description("copy a data source, or one environment's definition into the other")
    .argument("<name>", "what to copy")
    .argument("<to>", "the copy's name; the same one to fill the other environment")
    .option("--from <environment>", "copy this definition only", environmentOption)
    .option("--into <environment>", "as the definition of this environment", environmentOption);
  withPropertyOptions(command).action((name: string, to: string, options: CloneOptions, self: Command) =>
    perform(shell, self, async (call) => {
      const { from, into } = options;
      const source = await call.withClient(async (client) => {
        const { type } = await client.dataSource({ name });
        const properties = await propertiesOf({ name, secrets: await secretProperties(client, type) }, options, call);
        const body = { to, properties, ...(from && { fromEnvironment: from }), ...(into && { toEnvironment: into }) };
        return client.cloneDataSource({ name, body });
      });
      call.answer(source, () => call.terminal.out.write(`copied ${name} to ${source.name}\n`));
      return done;
    }),
  );
  withCommonOptions(command);
}

interface RemoveOptions {
  readonly environment?: SourceEnvironment;
  readonly force?: boolean;
}

function addRemove(sources: Command, shell: Shell): void {
  const command = sources
    .command("rm")
    .description("delete data sources, or one environment's definition; restorable for 7 days")
    .argument("<names...>", "the data sources' names")
    .option("--environment <environment>", "delete this definition only", environmentOption)
    .option("--force", "delete although jobs use them")
    .action((names: string[], options: RemoveOptions, self: Command) =>
      perform(shell, self, (call) => removeAll(call, names, options)),
    );
  withCommonOptions(command);
}

async function removeAll(call: CommandCall, names: readonly string[], options: RemoveOptions): Promise<ExitCode> {
  const { out } = call.terminal;
  const query = { environment: options.environment, force: options.force ? ("true" as const) : undefined };
  const items: (DeletionRequest | { name: string; error: ApiProblem["problem"] })[] = [];
  await call.withClient(async (client) => {
    for (const name of names)
      items.push(await client.deleteDataSource({ name, query }).catch((error) => problemOf(name, error)));
  });
  call.answer({ items }, () => {
    for (const item of items)
      if ("error" in item) {
        out.write(`${item.name}: ${out.paint("red", "not deleted")}: ${item.error.detail}\n`);
        for (const { message } of item.error.issues ?? []) out.write(`  ${message}\n`);
        if (item.error.code === "SOURCE_IN_USE") out.write("  --force deletes it all the same\n");
      } else {
        out.write(
          `deleted ${item.name} (${item.deleted.join(", ")}); restorable until ${localTime(item.restorableUntil)}\n`,
        );
        showAffected(item.affected, out);
      }
  });
  return items.some((item) => "error" in item) ? exitCodes.badInput : done;
}

function problemOf(name: string, error: unknown) {
  if (error instanceof ApiProblem) return { name, error: error.problem };
  throw error;
}

function showAffected(jobs: readonly AffectedJob[], out: OutputStream): void {
  for (const { workspace, job, consequence } of jobs)
    out.write(`  job ${job} of workspace ${workspace}: ${consequence}\n`);
}

function addRestore(sources: Command, shell: Shell): void {
  const command = sources
    .command("restore")
    .description("take the last deletion of a data source back")
    .argument("<name>", "the data source's name")
    .option("--environment <environment>", "restore this definition only", environmentOption)
    .action((name: string, { environment }: RemoveOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const body = environment === undefined ? {} : { environment };
        const source = await call.withClient((client) => client.restoreDataSource({ name, body }));
        const grantees = (source.grants ?? []).map(({ workspace }) => workspace);
        const shared = grantees.length === 0 ? "" : `; workspace ${grantees.join(", ")} may use it again`;
        const environments = Object.keys(source.definitions ?? {}).join(" and ");
        call.answer(source, () => call.terminal.out.write(`restored ${source.name}: ${environments}${shared}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

interface ShareOptions {
  readonly environment?: readonly SourceEnvironment[];
  readonly revoke?: boolean;
  readonly force?: boolean;
}

function addShare(sources: Command, shell: Shell): void {
  const command = sources
    .command("share")
    .description("let another workspace use a data source, never its secrets")
    .argument("<name>", "the data source's name")
    .argument("<grantee>", "the other workspace")
    .option(
      "--environment <environment>",
      "where it may be used; may be repeated",
      (text: string, list: readonly SourceEnvironment[] = []) => [...list, environmentOption(text)],
    )
    .option("--revoke", "take the right back")
    .option("--force", "revoke although jobs use it")
    .action((name: string, grantee: string, options: ShareOptions, self: Command) =>
      perform(shell, self, (call) => (options.revoke ? revoke : grant)(call, [name, grantee], options)),
    );
  withCommonOptions(command);
}

async function grant(call: CommandCall, [name, grantee]: readonly [string, string], options: ShareOptions) {
  const { environment: environments } = options;
  if (!environments) throw new BadInput("no environment given", "Name where it may be used: --environment production.");
  const source = await call.withClient((client) =>
    client.grantDataSource({ name, workspace: grantee, body: { environments: [...environments] } }),
  );
  call.answer(source, () =>
    call.terminal.out.write(`workspace ${grantee} may use ${name} in ${environments.join(" and ")}\n`),
  );
  return done;
}

async function revoke(call: CommandCall, [name, grantee]: readonly [string, string], { force }: ShareOptions) {
  const query = { force: force ? ("true" as const) : undefined };
  const answer = await call.withClient((client) => client.revokeDataSource({ name, workspace: grantee, query }));
  call.answer(answer, () => {
    call.terminal.out.write(`workspace ${grantee} may no longer use ${name}\n`);
    showAffected(answer.affected, call.terminal.out);
  });
  return done;
}
