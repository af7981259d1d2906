import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { documentAt, root } from "./documents.js";

const { text } = documentAt("docs/verified.md");

/** Files of a folder and below, by their paths from the root. */
const filesOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`);

it("Every command that runs the suite against a server of one's own names tests that are there", () => {
  const commands = [...text.matchAll(/`((?:SLUICE_TEST_\w+=\S+ )*)npx vitest run --project (\w+) (\S+)`/g)];
  expect(commands.length).toBeGreaterThan(1);
  const tests = filesOf("test").filter((name) => name.endsWith(".test.ts"));
  for (const [command, , , pattern = ""] of commands)
    expect(
      tests.some((name) => name.startsWith(pattern)),
      command,
    ).toBe(true);
});

it("Every variable that it names is one that the tests read", () => {
  const named = new Set([...text.matchAll(/SLUICE_TEST_\w+/g)].map(([name]) => name));
  const sources = filesOf("test/servers")
    .filter((name) => /\.m?ts$/.test(name))
    .map((name) => readFileSync(path.join(root, name), "utf8"))
    .join("\n");
  expect(named.size).toBeGreaterThan(2);
  expect([...named].filter((name) => !sources.includes(name))).toEqual([]);
});

it("Every system of its table has a section with its command", () => {
  const systems = [...text.matchAll(/^\| \[[^\]]+\]\(#/gm)];
  const sections = text.split(/^## /m).slice(1);
  expect(systems.length).toBeGreaterThan(1);
  expect(sections.filter((section) => !/npx vitest run|cannot be run/.test(section))).toEqual([]);
  expect(sections).toHaveLength(systems.length);
});
