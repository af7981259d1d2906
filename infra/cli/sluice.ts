import { sluice } from "./program.js";
import { processTerminal } from "./terminal.js";

/** The `sluice` command. */
async function main(): Promise<void> {
  process.exitCode = await sluice(process.argv.slice(2), processTerminal());
}

void main();
