import { Argument, type Command } from "commander";
import { type MemberView, type Role, roles } from "../../../shared/model/identity.js";
import { localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

/** Adds `sluice member list|set|remove`. */
export function addMemberCommands(program: Command, shell: Shell): void {
  const members = program
    .command("member")
    .description("people of the identity provider and their roles in the workspace (admins only)");
  addList(members, shell);
  addSet(members, shell);
  addRemove(members, shell);
}

function addList(members: Command, shell: Shell): void {
  const command = members
    .command("list")
    .description("list members and their roles")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page }: { limit: number; page?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.members({ query: { limit, page } }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length === 0) return out.write("no members yet: sluice member set <subject> <role>\n");
          out.write(`${memberLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice member list --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function addSet(members: Command, shell: Shell): void {
  const command = members
    .command("set")
    .description("give a person a role, in place of the one before")
    .argument("<subject>", "the `sub` claim of the person's tokens")
    .addArgument(new Argument("<role>", "what the person may do; each role includes those before it").choices(roles))
    .action((subject: string, role: Role, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const member = await call.withClient((client) => client.putMember({ subject, body: { role } }));
        call.answer(member, () => call.terminal.out.write(`${member.subject} is ${member.role}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

function addRemove(members: Command, shell: Shell): void {
  const command = members
    .command("remove")
    .description("take a person's role away; what the token's own claim gives stays")
    .argument("<subject>", "the `sub` claim of the person's tokens")
    .action((subject: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        await call.withClient((client) => client.removeMember({ subject }));
        call.answer({ subject, removed: true }, () => call.terminal.out.write(`removed ${subject}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

function memberLines(members: readonly MemberView[]): string[] {
  return tableLines(members, [
    { title: "subject", value: ({ subject }) => subject },
    { title: "role", value: ({ role }) => role },
    { title: "since", value: ({ updatedAt }) => localTime(updatedAt) },
  ]);
}
