import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { sluiceProgram } from "../../../infra/cli/program.js";
import { fakeTerminal } from "../infra/cli/fake-terminal.js";
import { documentAt, documents, root, shellLines, shellWords } from "./documents.js";

/** The command line with nothing behind it: it parses, and does nothing. */
function parser(): Command {
  const program = sluiceProgram({ terminal: fakeTerminal(), exitCode: 0 }, { json: false });
  const quiet = (command: Command): void => {
    command.commands.forEach(quiet);
    if (command.commands.length === 0 || command.name() === "local") command.action(() => {});
  };
  quiet(program);
  return program;
}

/** What is wrong with a command line, or null. */
function refusal(words: readonly string[]): string | null {
  try {
    parser().parse([...words], { from: "user" });
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** The arguments of a line that calls the command in any of the ways that pages show. */
function argumentsOf(line: string): readonly string[] | null {
  const [, rest] = /(?:^|\$\()(?:sluice|npm run sluice --|node dist\/cli\/sluice\.js) ([^)]*)/.exec(line) ?? [];
  return rest === undefined
    ? null
    : shellWords(rest.replaceAll("$public", "--ots-endpoint https://o --oss-endpoint https://s"));
}

/** What the pages show between fences, page by page, and who carries it out. */
const carriedOut: Readonly<Record<string, { readonly lines: RegExp; readonly by: string }>> = {
  "README.md": { lines: /^sluice |^npm ci && npm (test|run demo)$/, by: "test/e2e/readme.test.ts" },
  "docs/cli.md": { lines: /(^|\$\()sluice /, by: "test/e2e/cli-docs.test.ts" },
  "docs/jobs.md": { lines: /^sluice job /, by: "test/e2e/jobs.test.ts" },
  "docs/orchestrators.md": {
    lines: /^(sluice run |(SLUICE_KEY=\S+ )?examples\/run-job\.sh )/,
    by: "test/e2e/orchestrators.test.ts",
  },
  "docs/schedules.md": { lines: /^sluice calendar /, by: "test/unit/docs/schedules.test.ts" },
  "docs/local-cloud.md": { lines: /^sluice local/, by: "test/e2e/local-cloud-docs.test.ts" },
};

describe("what stands between fences", () => {
  it("is a command that a test carries out, where it is not a deployment or a drawing", () => {
    // Made from what connectors say of themselves.
    const written = documents.filter(({ file }) => !file.startsWith("docs/connectors/"));
    const others = written.filter(({ file, blocks }) => blocks.length > 0 && !(file in carriedOut));
    expect(others.map(({ file }) => file).sort()).toEqual(["ARCHITECTURE.md", "docs/deploy.md"]);
    for (const [file, { lines, by }] of Object.entries(carriedOut)) {
      expect(readFileSync(path.join(root, by), "utf8")).toContain(file);
      const shell = documentAt(file).blocks.filter(({ language }) => language === "");
      expect(shell.length).toBeGreaterThan(2);
      for (const line of shell.flatMap(({ text }) => shellLines(text))) expect(line, file).toMatch(lines);
    }
  });

  it("calls the command with options and arguments that it has", () => {
    const lines = documents.flatMap(({ blocks }) => blocks.flatMap(({ text }) => shellLines(text)));
    const calls = lines.flatMap((line) => argumentsOf(line) ?? []).length;
    expect(calls).toBeGreaterThan(100);
    const refused = lines.flatMap((line) => {
      const words = argumentsOf(line);
      const why = words && refusal(words);
      return why === null ? [] : [`${line}: ${why}`];
    });
    expect(refused).toEqual([]);
  });

  it("names npm scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const names = documents.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name),
    );
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name = "") => !(name in scripts))).toEqual([]);
  });
});

describe("commands in running text", () => {
  it("exist, with the options that are named beside them", () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const { file, text } of documents)
      for (const [, line = ""] of text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`sluice ([^`]+)`/g)) {
        const why = unknownPart(line.replaceAll("\\|", "|"));
        seen++;
        if (why !== null) wrong.push(`${file}: sluice ${line}: ${why}`);
      }
    expect(seen).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });
});

/** The first word that no command and no option of the command has; words after the command's name are its arguments. */
function unknownPart(line: string): string | null {
  const [word = "", ...rest] = line.split(/\s+/);
  const commands = word.split("|").map((name) => parser().commands.find((one) => one.name() === name));
  if (commands.includes(undefined)) return `no command ${word}`;
  return commands.map((command) => (command ? unknownWord(command, rest) : null)).find((why) => why !== null) ?? null;
}

function unknownWord(command: Command, [word, ...rest]: readonly string[]): string | null {
  if (word === undefined) return null;
  const isName = command.commands.length > 0 && /^[a-z]/.test(word);
  if (!isName) {
    const options = [word, ...rest].filter((one) => /^--?[a-z]/.test(one));
    const unknown = options.find((one) => !command.options.some(({ short, long }) => one === short || one === long));
    return unknown === undefined ? null : `no option ${unknown}`;
  }
  for (const name of word.split("|").filter((one) => one !== "…")) {
    const child = command.commands.find((one) => one.name() === name);
    const why = child ? unknownWord(child, rest) : `no command ${name}`;
    if (why !== null) return why;
  }
  return null;
}

describe("the commands of docs/deploy.md", () => {
  const { blocks } = documentAt("docs/deploy.md");

  it("are a shell's", () => {
    expect(blocks.length).toBeGreaterThan(8);
    for (const { text } of blocks) {
      const script = text.replace(/<[^>\n]+>/g, "placeholder");
      expect(() => execFileSync("bash", ["-n"], { input: script }), text).not.toThrow();
    }
  });

  it("name files that are there", () => {
    const names = blocks.flatMap(({ text }) => [...text.matchAll(/infra\/[\w/$.-]+/g)].map(([name]) => name));
    const files = names.flatMap((name) =>
      ["api", "dispatcher", "planner", "shard", "reducer", "shard-group"].map((fn) => name.replace("$fn", fn)),
    );
    expect(new Set(files).size).toBe(7);
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
  });
});
