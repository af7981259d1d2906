import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { exitCodes, exitMeanings } from "../../../../infra/cli/exit-codes.js";
import { sluice, sluiceProgram } from "../../../../infra/cli/program.js";
import { own } from "../../../../shared/model/own.js";
import { fakeTerminal } from "./fake-terminal.js";

const page = readFileSync("docs/cli.md", "utf8");

async function helpOf(...command: string[]): Promise<string> {
  const terminal = fakeTerminal();
  expect(await sluice([...command, "--help"], terminal)).toBe(0);
  return terminal.written.out;
}

describe("docs/cli.md", () => {
  it("has a heading or a line for every command", async () => {
    const commands = [...(await helpOf()).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(10);
    for (const name of commands.filter((name) => name !== "help")) expect(page).toContain(`sluice ${name}`);
  });

  it("names every option of every command where it tells of the command", () => {
    const missing: string[] = [];
    for (const { path, options } of leaves(sluiceProgram({ terminal: fakeTerminal(), exitCode: 0 }, { json: false }))) {
      const passage = passageOf(path);
      const named = options.filter((option) => !new RegExp(`${option}\\b`).test(passage));
      missing.push(...named.map((option) => `sluice ${path} ${option}`));
    }
    expect(missing).toEqual([]);
  });

  it("tells the exit codes as the command's help does", async () => {
    const rows = [...page.matchAll(/^\| (\d) \| (.*) \|$/gm)].map(([, code, meaning]) => `${code}  ${meaning}`);
    expect(rows).toEqual(Object.entries(exitCodes).map(([name, code]) => `${code}  ${own(exitMeanings, name)}`));
    const help = await helpOf();
    for (const row of rows) expect(help).toContain(row);
  });

  it("names only examples that exist", () => {
    const examples = [...new Set([...page.matchAll(/examples\/[\w-]+\.json/g)].map(([file]) => file))];
    expect(examples.length).toBeGreaterThan(1);
    for (const file of examples) expect(existsSync(file)).toBe(true);
  });
});

/** Options that all commands share; a table at the top of the page has them. */
const common = ["--help", "--version", "--json", "--endpoint", "--token", "--workspace", "--data"];

function leaves(command: Command, path = ""): { path: string; options: string[] }[] {
  const options = command.options.flatMap(({ long }) => (long && !common.includes(long) ? [long] : []));
  const below = command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`.trim()));
  return options.length > 0 ? [{ path, options }, ...below] : below;
}

/** The rows about a command and the text around them; without rows, the sections that name it. */
function passageOf(path: string): string {
  const sections = `${page}${readFileSync("docs/local-cloud.md", "utf8")}`
    .split(/^(?=#{2,3} )/m)
    .filter((section) => mentions(section, path));
  expect(sections.length, `sluice ${path}`).toBeGreaterThan(0);
  const passages = sections.map((section) => {
    const lines = section.split("\n");
    const rows = lines.filter((line) => line.startsWith("| `sluice "));
    if (!rows.some((row) => mentions(row, path))) return section;
    return lines.filter((line) => !line.startsWith("|") || mentions(line, path)).join("\n");
  });
  return passages.join("\n");
}

/** `local fault add` stands in `sluice local fault|kill|…` too. */
function mentions(text: string, path: string): boolean {
  const words = path.split(" ").map((word) => `(?:[\\w|-]+\\|)?${word}(?:\\|[\\w|-]+)?`);
  return new RegExp(`sluice ${words.join(" ")}(?![\\w-])`).test(text);
}
