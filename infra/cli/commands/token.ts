import { type Command, InvalidArgumentError, Option } from "commander";
import { type Role, roles, type TokenView } from "../../../shared/model/identity.js";
import { localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

/** Adds `sluice token create|list|revoke`. */
export function addTokenCommands(program: Command, shell: Shell): void {
  const tokens = program.command("token").description("API tokens of the workspace, each with a role (admins only)");
  addCreate(tokens, shell);
  addList(tokens, shell);
  addRevoke(tokens, shell);
}

function addCreate(tokens: Command, shell: Shell): void {
  const command = tokens
    .command("create")
    .description("make a token; it is shown this once")
    .argument("<name>", "who or what will use it")
    .addOption(
      new Option("--role <role>", "what it may do; each role includes those before it")
        .choices(roles)
        .makeOptionMandatory(),
    )
    .option("--expires <time>", "days from now such as 90d, or an ISO time; without it the token stays valid", expiry)
    .action((name: string, { role, expires = null }: { role: Role; expires?: string | null }, self: Command) =>
      perform(shell, self, async (call) => {
        const made = await call.withClient((client) =>
          client.createToken({ body: { name, role, expiresAt: expires } }),
        );
        call.answer(made, () => {
          const { out, err } = call.terminal;
          err.write(`token ${made.id} (${made.role}), ${expiryText(made)}; keep it now, it is not shown again:\n`);
          out.write(`${made.token}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function addList(tokens: Command, shell: Shell): void {
  const command = tokens
    .command("list")
    .description("list tokens, never their text")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page }: { limit: number; page?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.tokens({ query: { limit, page } }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length === 0) return out.write("no tokens yet: sluice token create <name> --role …\n");
          out.write(`${tokenLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice token list --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function addRevoke(tokens: Command, shell: Shell): void {
  const command = tokens
    .command("revoke")
    .description("revoke a token at once and for good")
    .argument("<id>", "the token's id, as token list shows it")
    .action((id: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const token = await call.withClient((client) => client.revokeToken({ id }));
        call.answer(token, () => call.terminal.out.write(`revoked token ${token.id} (${token.name})\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

function tokenLines(tokens: readonly TokenView[]): string[] {
  const time = (at: string | null) => (at === null ? "-" : localTime(at));
  return tableLines(tokens, [
    { title: "id", value: ({ id }) => id },
    { title: "token", value: ({ prefix }) => `${prefix}…` },
    { title: "role", value: ({ role }) => role },
    { title: "state", value: ({ state }) => state },
    { title: "last used", value: ({ lastUsedAt }) => time(lastUsedAt) },
    { title: "expires", value: ({ expiresAt }) => time(expiresAt) },
    { title: "name", value: ({ name }) => name },
  ]);
}

function expiryText({ expiresAt }: TokenView): string {
  return expiresAt === null ? "never expires" : `expires ${localTime(expiresAt)}`;
}

/** Parses `90d` or an ISO time. For commander's `argParser`. */
function expiry(text: string): string {
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1];
  const at = days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000;
  if (Number.isNaN(at)) throw new InvalidArgumentError("Give days such as 90d, or an ISO time.");
  return new Date(at).toISOString();
}
