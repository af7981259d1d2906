import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { issuesFromZod, refusalText } from "../../../../../shared/script/read/zod-issues.js";
import { formatIssue } from "../../../../../shared/script/text/script-error.js";

const schema = z.object({
  table: z.union([z.string().min(1), z.array(z.string()).min(1)]),
  batchSize: z.coerce.number().int().min(1).max(1000).optional(),
  writeMode: z.enum(["insert", "replace", "update"]).default("insert"),
  column: z.array(z.object({ name: z.string() })).min(1),
  password: z.string().regex(/^a+$/).optional(),
  splitPk: z.string().min(1).optional(),
  truncate: z.boolean().optional(),
  where: z
    .string()
    .refine((text) => !text.includes(";"), "a where clause holds no semicolon")
    .optional(),
});

function issuesOf(parameter: object): string[] {
  const steps = [
    { stepType: "stream", category: "reader", parameter: {} },
    { stepType: "mysql", category: "writer", parameter },
  ];
  const text = JSON.stringify({ steps, setting: { errorLimit: { record: 0 } } }, null, 1);
  const { job, locate } = parseJob(text);
  const result = schema.safeParse(job.writer.parameter);
  return result.success ? [] : issuesFromZod(result.error, job.writer, locate).map(formatIssue);
}

describe("issues of a connector's schema", () => {
  it("say what is missing at the place where it should stand", () => {
    expect(issuesOf({ table: "t" })).toEqual([
      "line 11, column 17, at steps[1].parameter.column: missing; expected a list",
    ]);
  });

  it("say in a schema's own words what it expects, and nothing of a value that is secret", () => {
    const { error } = z.enum(["letter"], { error: "expected the first letter" }).safeParse("b");
    const [issue] = error?.issues ?? [];
    if (!issue) throw new Error("nothing was refused");
    expect(refusalText(issue, { whole: "b", path: "p" })).toBe('expected the first letter; seen "b"');
    expect(refusalText(issue, { whole: "b", path: "p", isSecret: true })).toBe("expected the first letter");
  });

  it("name expectation, value seen and the nearest allowed word, with path, line and column", () => {
    expect(issuesOf({ table: 5, column: [{ name: "a" }, { name: 7 }], writeMode: "replaec", batchSize: 0 })).toEqual([
      "line 12, column 14, at steps[1].parameter.table: expected a text, or a list; seen 5",
      "line 22, column 18, at steps[1].parameter.batchSize: expected at least 1; seen 0",
      'line 21, column 18, at steps[1].parameter.writeMode: expected "insert", "replace" or "update"; seen "replaec"; did you mean "replace"?',
      "line 18, column 15, at steps[1].parameter.column[1].name: expected a text; seen 7",
    ]);
  });

  it("keep a schema's own words, limits and blank texts readable, and secrets hidden", () => {
    const column = [{ name: "a" }];
    expect(issuesOf({ table: [], column: [], batchSize: 5000 })).toEqual([
      "line 12, column 14, at steps[1].parameter.table: expected at least 1 item; seen an empty list",
      "line 14, column 18, at steps[1].parameter.batchSize: expected at most 1000; seen 5000",
      "line 13, column 15, at steps[1].parameter.column: expected at least 1 item; seen an empty list",
    ]);
    expect(issuesOf({ table: "t", column, password: "hush", splitPk: "", truncate: "yes", where: "a;b" })).toEqual([
      "line 18, column 17, at steps[1].parameter.password: expected a text that matches /^a+$/; seen ***",
      'line 19, column 16, at steps[1].parameter.splitPk: expected a text that is not blank; seen ""',
      'line 20, column 17, at steps[1].parameter.truncate: expected true or false; seen "yes"',
      'line 21, column 14, at steps[1].parameter.where: a where clause holds no semicolon; seen "a;b"',
    ]);
  });
});
