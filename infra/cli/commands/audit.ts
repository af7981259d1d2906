import type { Command } from "commander";
import type { AuditRecord } from "../../../shared/model/identity.js";
import { localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { fitText, tableLines } from "../table.js";

interface AuditOptions {
  readonly caller?: string;
  readonly action?: string;
  readonly object?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly page?: string;
}

/** Adds `sluice audit`. */
export function addAuditCommand(program: Command, shell: Shell): void {
  const command = program
    .command("audit")
    .description("list who changed what, newest first (admins only)")
    .option("--caller <id>", "only changes by this caller, such as token/4f0c…")
    .option("--action <action>", "only this action (job.store) or all of a noun (job)")
    .option("--object <object>", "only changes of this object, such as job/orders")
    .option("--from <time>", "only changes at or after this ISO time")
    .option("--to <time>", "only changes before this ISO time")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action((options: AuditOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const { caller, action, object, from, to, limit, page } = options;
        const query = { caller, action, object, from, to, limit, page };
        const answer = await call.withClient((client) => client.audit({ query }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length > 0) out.write(`${auditLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice audit --page ${answer.nextPage}\n`);
          else if (answer.items.length === 0) out.write("no changes\n");
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function auditLines(entries: readonly AuditRecord[]): string[] {
  return tableLines(entries, [
    { title: "at", value: ({ at }) => localTime(at) },
    { title: "who", value: ({ caller }) => (caller.name === caller.id ? caller.id : `${caller.name} (${caller.id})`) },
    { title: "action", value: ({ action }) => action },
    { title: "object", value: ({ object }) => object },
    { title: "after", value: ({ after }) => (after === undefined ? "-" : fitText(JSON.stringify(after), 60)) },
  ]);
}
