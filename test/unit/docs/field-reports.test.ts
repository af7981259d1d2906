import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./documents.js";

/** One row of the table: where the report stands, what sort of fault it tells of, what came of it, which test holds that. */
interface Row {
  readonly line: string;
  readonly report: string;
  readonly kind: string;
  readonly verdict: string;
  readonly file: string;
  readonly title: string;
}

const verdicts = ["mended", "held", "refused"];

function rows(): readonly Row[] {
  const lines = readFileSync(path.join(root, "docs/field-reports.md"), "utf8").split("\n");
  const table = lines.filter((line) => line.startsWith("| ") && !line.startsWith("| report"));
  return table.map((line) => {
    const [report = "", kind = "", verdict = "", heldBy = ""] = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    const [, file = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(heldBy) ?? [];
    return { line, report, kind, verdict, file, title: title.replaceAll("\\|", "|") };
  });
}

/** A row that holds tells a link, a kind, a verdict we know, and a test by file and title, or by a part of the title. */
function wrongWith({ report, kind, verdict, file, title }: Row): string | null {
  if (!/\]\(https:\/\/[^)\s]+\)/.test(report)) return "no link to the report";
  if (kind === "") return "no kind";
  if (!verdicts.includes(verdict)) return `the verdict is none of ${verdicts.join(", ")}`;
  if (!file.startsWith("test/") || !existsSync(path.join(root, file))) return `no test file "${file}"`;
  return title !== "" && readFileSync(path.join(root, file), "utf8").includes(title) ? null : `no test "${title}"`;
}

describe("the field reports", () => {
  it("name for each report a test that is there", () => {
    const wrong = rows().flatMap((row) => wrongWith(row) ?? []);
    expect(wrong).toEqual([]);
  });

  it("tell each report once for each test", () => {
    const lines = rows().map(({ report, file, title }) => `${report} ${file} ${title}`);
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  });
});
