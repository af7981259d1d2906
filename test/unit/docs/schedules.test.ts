import { describe, expect, it } from "vitest";
import { sluice } from "../../../infra/cli/program.js";
import { timetableOf } from "../../../shared/calendar/cycle.js";
import { builtInValues } from "../../../shared/script/read/business-time.js";
import { substitution } from "../../../shared/script/read/substitute.js";
import { fakeTerminal } from "../infra/cli/fake-terminal.js";
import { documentAt, shellWords } from "./documents.js";

const { blocks, text } = documentAt("docs/schedules.md");

/** The cells in code of the rows of a table whose first cell begins so. */
const rows = (begin: RegExp) =>
  text
    .split("\n")
    .filter((line) => begin.test(line))
    .map((line) => line.split("|").map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)));

describe("docs/schedules.md", () => {
  it("shows what its commands print", async () => {
    const examples = blocks.flatMap(({ language, text: command }, i) =>
      language === "" ? [[command.trim(), blocks[i + 1]?.text ?? ""] as const] : [],
    );
    expect(examples).toHaveLength(4);
    for (const [command, output] of examples) {
      const terminal = fakeTerminal();
      expect(await sluice(shellWords(command).slice(1), terminal), command).toBe(0);
      expect(terminal.written.out, command).toBe(output);
    }
  });

  it("shows cycles that there are", () => {
    const cycles = rows(/^\| `\{"every"/).flatMap(([, first = []]) => first);
    expect(cycles).toHaveLength(9);
    for (const cycle of cycles) expect(timetableOf(JSON.parse(cycle)).times.length, cycle).toBeGreaterThan(0);
  });

  it("shows values and expressions as they are computed", () => {
    const values = { ...builtInValues(Date.parse("2026-11-28T02:30Z")) };
    for (const [name, value] of Object.entries(values))
      expect(rows(new RegExp(`^\\| \`\\$\\{${name}\\}`))[0]?.[2]?.[0]).toBe(value);
    const pairs = rows(/^\| `\$[[{](?:yyyy|add|hh)/).flatMap(([, codes = [], results = []]) =>
      codes.map((code, i) => [code, results[i]] as const),
    );
    expect(pairs).toHaveLength(13);
    const plannedMs = Date.parse("2026-03-01T00:30Z");
    const { apply } = substitution({ mode: "run", parameters: {}, plannedMs, bareNames: false });
    for (const [code, result] of pairs) expect(apply(code, "p"), code).toBe(result);
  });
});
