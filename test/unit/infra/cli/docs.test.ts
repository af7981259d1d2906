import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sluice } from "../../../../infra/cli/program.js";
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

  it.each([["run"], ["local"], ["source", "add"]])("names every option of sluice %s %s", async (...command) => {
    const help = await helpOf(...command.filter((word) => word !== undefined));
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? "");
    expect(options.length).toBeGreaterThan(5);
    for (const option of options.filter((option) => option !== "--help")) expect(page).toContain(option);
  });

  it("names only examples that exist", () => {
    const examples = [...new Set([...page.matchAll(/examples\/[\w-]+\.json/g)].map(([file]) => file))];
    expect(examples.length).toBeGreaterThan(1);
    for (const file of examples) expect(existsSync(file)).toBe(true);
  });
});
