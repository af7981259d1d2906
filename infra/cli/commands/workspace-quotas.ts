import type { Command } from "commander";
import { type Quotas, quotaNames } from "../../../shared/model/quotas.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

/** Adds `sluice workspace quotas`. */
export function addQuotas(workspaces: Command, shell: Shell): void {
  const command = workspaces
    .command("quotas")
    .description("show what a workspace may hold, or set it (admins of the default one)")
    .argument("<name>", "the workspace's name")
    .option("--jobs <n>", "stored jobs", positiveInteger)
    .option("--script-bytes <n>", "bytes of one job's script", positiveInteger)
    .option("--data-sources <n>", "data sources of its own", positiveInteger)
    .option("--tokens <n>", "API tokens, revoked ones included", positiveInteger)
    .option("--queued-runs <n>", "runs that have not ended", positiveInteger)
    .action((name: string, change: Partial<Quotas>, self: Command) =>
      perform(shell, self, async (call) => {
        const given = Object.fromEntries(quotaNames.flatMap((one) => (one in change ? [[one, change[one]]] : [])));
        const isChange = Object.keys(given).length > 0;
        const quotas = await call.withClient((client) =>
          isChange ? client.setQuotas({ name, body: given }) : client.quotas({ name }),
        );
        const rows = quotaNames.map((one) => ({ name: one, ...quotas[one] }));
        const lines = tableLines(rows, [
          { title: "quota", value: (row) => row.name },
          { title: "limit", value: (row) => String(row.limit), right: true },
          { title: "used", value: (row) => (row.used === null ? "" : String(row.used)), right: true },
        ]);
        call.answer(quotas, () => call.terminal.out.write(`${lines.join("\n")}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}
