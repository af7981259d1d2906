import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { routes } from "../../functions/api/routes.js";
import { parametersSchema, scriptSchema } from "../../shared/api/inputs.js";
import { pageQuery } from "../../shared/api/paging.js";
import { describeFields } from "../../shared/connectors/params/describe.js";
import { connectorNames, loadConnector } from "../../shared/connectors/registry.js";
import { readResourceGroups } from "../../shared/platform/resource-groups.js";
import { examineJob, parseJob } from "../../shared/script/read/parse-job.js";
import { refusalText } from "../../shared/script/read/zod-issues.js";

/** Numbers as JSON may spell them that no count of anything is. */
const odd = ["1e999", "-1e999", "1e308", "1.5", "-1", "9007199254740993", "1".repeat(400), "1e-7"];
/** What people write as text where a number belongs. */
const oddTexts = ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "1_000", "１２", "9".repeat(400), "--1", "1e309"];

const spellings = [...odd, ...oddTexts.map((text) => JSON.stringify(text))];

const script = (setting: object) =>
  JSON.stringify({
    type: "job",
    version: "2.0",
    steps: [
      {
        stepType: "stream",
        name: "r",
        category: "reader",
        parameter: { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 },
      },
      { stepType: "stream", name: "w", category: "writer", parameter: {} },
    ],
    setting: { errorLimit: { record: 0 }, speed: { concurrent: 1 }, ...setting },
  });

/** Puts a literal, which JavaScript might not hold, in place of the one text `@`. */
const filled = (text: string, literal: string) => text.replace('"@"', literal);

const scripts: readonly (readonly [field: string, text: string])[] = [
  ["errorLimit.record", script({ errorLimit: { record: "@" } })],
  ["errorLimit.percentage", script({ errorLimit: { percentage: "@" } })],
  ["speed.concurrent", script({ speed: { concurrent: "@" } })],
  ["speed.channel", script({ speed: { channel: "@" } })],
  ["speed.dmu", script({ speed: { concurrent: 1, dmu: "@" } })],
  ["speed.mbps", script({ speed: { concurrent: 1, throttle: true, mbps: "@" } })],
  ["speed.byte", script({ speed: { concurrent: 1, byte: "@" } })],
  ["speed.record", script({ speed: { concurrent: 1, record: "@" } })],
  ["speed.recordsPerSecond", script({ speed: { concurrent: 1, recordsPerSecond: "@" } })],
];

/** What some fields mean by an odd number on purpose. */
const meant: Readonly<Record<string, RegExp>> = {
  "errorLimit.percentage": /^"?1e-7"?$/,
  // DataX's way to say that there is no limit.
  "speed.byte": /^"?-1"?$/,
  "speed.record": /^"?-1"?$/,
};

describe("an odd number in a job script", () => {
  it.each(scripts)("is refused with field and value: %s", (field, text) => {
    for (const literal of spellings.filter((one) => !meant[field]?.test(one))) {
      const { issues } = examineJob(filled(text, literal));
      const issue = issues.find(({ path = "" }) => path.endsWith(field));
      expect(issue?.message, `${field} ${literal} ${JSON.stringify(issues)}`).toMatch(/expected .*; seen /);
      const seen = literal.replace(/^"|"$/g, "").slice(0, 40);
      expect(issue?.message.replace("1e+308", "1e308"), `${field} ${literal}`).toContain(seen);
    }
  });

  it("is a zero where it is one", () => {
    for (const literal of ["-0", "-0.0", "0e5", '"-0"', '"+0"'])
      expect(parseJob(filled(script({ errorLimit: { record: "@" } }), literal)).job.setting.errorLimit.record).toBe(0);
  });
});

function numbersOf(schema: z.ZodType): string[] {
  return describeFields(schema)
    .filter(({ type }) => type === "number")
    .map(({ name }) => name);
}

describe("an odd number among the parameters and properties of a connector", () => {
  it.each(connectorNames())("is refused, and told by its name: %s", async (type) => {
    const connector = await loadConnector(type);
    const sides = [connector.reader?.params, connector.writer?.params, connector.source.schema].flatMap(
      (one) => one ?? [],
    );
    // A port in hexadecimal digits is odd, but no other one.
    for (const schema of sides)
      for (const name of numbersOf(schema))
        for (const value of [
          Number.POSITIVE_INFINITY,
          Number.NaN,
          1e308,
          -1,
          1.5,
          2 ** 53 + 2,
          ...oddTexts.filter((text) => text !== "0x10"),
        ]) {
          const parsed = schema.safeParse({ [name]: value });
          const issue = parsed.error?.issues.find(({ path }) => path[0] === name);
          expect(issue, `${type} ${name} ${value}`).toBeDefined();
          if (issue) expect(refusalText(issue, { whole: { [name]: value }, path: name })).toMatch(/expected|must/);
        }
  });
});

describe("an odd number in a request", () => {
  it.each(["1e999", "-1", "1.5", "NaN", "Infinity", "9".repeat(400), "", "0", "501", "1e308"])(
    "is no page size: %s",
    (limit) => {
      expect(pageQuery.safeParse({ limit }).error?.issues[0]?.path).toEqual(["limit"]);
    },
  );

  const body = (path: string) => routes.find((route) => route.method === "PUT" && route.path === path)?.body;

  it.each(["jobs", "scriptBytes", "dataSources", "tokens", "queuedRuns"])("is no quota: %s", (name) => {
    for (const literal of odd) {
      const whole = JSON.parse(`{"${name}": ${literal}}`);
      const issue = body("/v1/workspaces/{name}/quotas")?.safeParse(whole).error?.issues[0];
      expect(issue?.path, literal).toEqual([name]);
      if (issue) expect(refusalText(issue, { whole, path: name })).toMatch(/expected .*; seen /);
    }
  });

  it.each(["1e999", "1e308", "12345678901234567890", "0.12345678901234567", "9007199254740993"])(
    "is neither a parameter nor part of a script, of which digits would be lost: %s",
    (literal) => {
      const parameter = parametersSchema.safeParse(JSON.parse(`{"n": ${literal}}`)).error?.issues[0];
      expect(parameter?.path).toEqual(["n"]);
      const inScript = scriptSchema.safeParse(JSON.parse(`{"a": [{"value": ${literal}}]}`)).error?.issues[0];
      expect(inScript).toMatchObject({ path: ["a", "0", "value"], message: expect.stringContaining("as a text") });
    },
  );

  it.each(["0", "-1", "15", "0.1", "-12.5", "999999999999999", "1e3"])(
    "is one that every digit is kept of: %s",
    (literal) => {
      expect(parametersSchema.parse(JSON.parse(`{"n": ${literal}}`))).toEqual({ n: String(Number(literal)) });
      expect(scriptSchema.safeParse(JSON.parse(`{"a": ${literal}}`)).success).toBe(true);
    },
  );
});

describe("an odd number of an installation", () => {
  it.each(["1e999", "-1", "1.5", "NaN", "999999", "0", ""])("is no size of a resource group: %s", (cap) => {
    expect(() => readResourceGroups(`default=${cap}`)).toThrow(/SLUICE_RESOURCE_GROUPS/);
  });
});
