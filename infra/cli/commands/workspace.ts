import { type Command, Option } from "commander";
import { DEFAULT_WORKSPACE, type WorkspaceMode } from "../../../shared/model/workspace.js";
import type { WorkspaceView } from "../api-requests.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import type { OutputStream } from "../terminal.js";
import { addQuotas } from "./workspace-quotas.js";

/** Adds `sluice workspace list|show|create|upgrade|set|quotas`. */
export function addWorkspaceCommands(program: Command, shell: Shell): void {
  const workspaces = program
    .command("workspace")
    .description("workspaces: basic with production only, or standard with development apart from it");
  addList(workspaces, shell);
  addShow(workspaces, shell);
  addCreate(workspaces, shell);
  addUpgrade(workspaces, shell);
  addQuotas(workspaces, shell);
  addGrant(workspaces, shell);
  addZone(workspaces, shell);
}

function addList(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("list")
    .description("list workspaces")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action((query: { limit?: number; page?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.workspaces({ query }));
        const lines = tableLines(answer.items, [
          { title: "workspace", value: ({ name }) => name },
          { title: "mode", value: ({ mode }) => mode },
          { title: "time zone", value: ({ timeZone }) => timeZone },
          { title: "description", value: ({ description }) => description },
        ]);
        call.answer(answer, () => {
          call.terminal.out.write(`${lines.join("\n")}\n`);
          if (answer.nextPage !== null)
            call.terminal.out.write(`more: sluice workspace list --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function addShow(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("show")
    .description("show a workspace and the data sources that are left to configure")
    .argument("<name>", "the workspace's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const workspace = await call.withClient((client) => client.workspace({ name, inWorkspace: name }));
        call.answer(workspace, () => showWorkspace(workspace, call.terminal.out));
        return done;
      }),
    );
  withCommonOptions(command);
}

function showWorkspace(
  { name, mode, timeZone, incomplete, uploadGrants = [] }: WorkspaceView,
  out: OutputStream,
): void {
  out.write(`workspace ${name} is ${mode}\n`);
  out.write(`time zone of files and other systems without one: ${timeZone}\n`);
  for (const { bucket, prefix } of uploadGrants) out.write(`hears of uploads to ${bucket}/${prefix}\n`);
  if (incomplete.length > 0) out.write("left to configure:\n");
  for (const source of incomplete) out.write(`  ${source.name}: ${source.missing.join(" and ")}\n`);
}

interface CreateOptions {
  readonly mode: WorkspaceMode;
  readonly description: string;
  readonly timeZone?: string;
}

function addCreate(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("create")
    .description("make a workspace (admins of the default one)")
    .argument("<name>", "letters, digits and underscores")
    .addOption(new Option("--mode <mode>", "its environments").choices(["basic", "standard"]).default("basic"))
    .option("--description <text>", "what it is for", "")
    .option("--time-zone <zone>", "zone of files and other systems that have none of their own")
    .action((name: string, { mode, description, timeZone }: CreateOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const body = { name, mode, description, ...(timeZone === undefined ? {} : { timeZone }) };
        const made = await call.withClient((client) => client.createWorkspace({ body }));
        call.answer(made, () => call.terminal.out.write(`made ${made.mode} workspace ${made.name}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

function addUpgrade(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("upgrade")
    .description("make a basic workspace standard; there is no way back")
    .argument("<name>", "the workspace's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const workspace = await call.withClient((client) => client.upgradeWorkspace({ name, inWorkspace: name }));
        call.answer(workspace, () => showWorkspace(workspace, call.terminal.out));
        return done;
      }),
    );
  withCommonOptions(command);
}

function addGrant(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("grant")
    .description("let a workspace hear of uploads that are not its own (admins of the default one)")
    .argument("<name>", "the workspace's name")
    .argument("<bucket>", "where they are uploaded")
    .argument("<prefix>", "what their keys begin with")
    .option("--revoke", "take the grant back")
    .action((name: string, bucket: string, prefix: string, { revoke = false }: { revoke?: boolean }, self: Command) =>
      perform(shell, self, async (call) => {
        const workspace = await call.withClient((client) =>
          revoke
            ? client.revokeUploads({ name, query: { bucket, prefix }, inWorkspace: DEFAULT_WORKSPACE })
            : client.grantUploads({ name, body: { bucket, prefix }, inWorkspace: DEFAULT_WORKSPACE }),
        );
        const verb = revoke ? "no longer hears" : "hears";
        call.answer(workspace, () =>
          call.terminal.out.write(`workspace ${name} ${verb} of uploads to ${bucket}/${prefix}\n`),
        );
        return done;
      }),
    );
  withCommonOptions(command);
}

function addZone(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("set")
    .description("change a workspace")
    .argument("<name>", "the workspace's name")
    .requiredOption("--time-zone <zone>", "zone of files and other systems that have none of their own, or +08:00")
    .action((name: string, { timeZone }: { timeZone: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const changed = await call.withClient((client) =>
          client.setWorkspaceZone({ name, body: { timeZone }, inWorkspace: name }),
        );
        call.answer(changed, () => call.terminal.out.write(`workspace ${name} is in ${changed.timeZone}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}
