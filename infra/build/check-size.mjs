// The house rule "a file up to 300 lines" (functions are checked by Biome). Tests are exempt.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const limit = 300;
const files = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "functions", "shared", "infra"],
  { encoding: "utf8" },
)
  .split("\n")
  .filter((file) => file.endsWith(".ts"));
const long = files
  .map((file) => [file, readFileSync(file, "utf8").split("\n").length - 1])
  .filter(([, lines]) => lines > limit);
for (const [file, lines] of long) console.error(`${file}: ${lines} lines, more than ${limit}: can a noun move out?`);
process.exit(long.length > 0 ? 1 : 0);
