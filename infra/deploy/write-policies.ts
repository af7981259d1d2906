import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { policyFiles } from "./policies.js";

/** Writes the policies into the folder given on the command line. */
const [folder = "infra/deploy/policies"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, policy] of Object.entries(policyFiles()))
  writeFileSync(path.join(folder, name), `${JSON.stringify(policy, null, 2)}\n`);
