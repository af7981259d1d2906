// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of scripts.
import { describe, expect, it } from "vitest";
import { checkScript } from "../../../../../shared/jobs/check-script.js";
import { ScriptError } from "../../../../../shared/script/text/script-error.js";

function scriptWith(reader: object, writer: object = {}): string {
  const step = (category: string, parameter: object) => ({ stepType: "mysql", category, name: category, parameter });
  return JSON.stringify({
    type: "job",
    version: "2.0",
    steps: [
      step("reader", { datasource: "shop", table: ["orders"], column: ["id"], ...reader }),
      step("writer", { datasource: "lake", table: "orders", column: ["id"], ...writer }),
    ],
    order: { hops: [{ from: "reader", to: "writer" }] },
    setting: { speed: { concurrent: 1 }, errorLimit: { record: 0 } },
  });
}

/** What is refused, else the warnings. */
async function verdict(script: string, key?: string): Promise<string[]> {
  const parameters = key === undefined ? {} : { "oss.key": key };
  try {
    const { warnings } = await checkScript(script, parameters);
    return warnings.map(({ message }) => `warning: ${message}`);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    return error.issues.map(({ path, message, line }) => `${path} (line ${line}): ${message}`);
  }
}

const inQuotes = scriptWith({}, { preSql: ["delete from orders where file = '${oss.key}'"] });

describe("a value of an event in SQL", () => {
  it("is told about when the script is looked at, before any upload", async () => {
    expect(await verdict(inQuotes)).toEqual([
      "warning: whoever uploads chooses the value of ${oss.key}: a run whose value holds a quotation mark or a backslash does not start",
    ]);
  });

  it("goes through in quotes, when it cannot end them", async () => {
    expect(await verdict(inQuotes, "landing/default/2026-01-02/orders (1);--中.csv")).toEqual([]);
    expect(await verdict(scriptWith({ where: "a = 'it''s' and file = \"${oss.key}\"" }), "landing/a")).toEqual([]);
  });

  it.each(["landing/x' or 1=1 -- ", 'landing/"', "landing/`", "landing/x\\"])(
    "does not start a run when it holds what could end a text: %s",
    async (key) => {
      const [refusal] = await verdict(inQuotes, key);
      expect(refusal).toContain("the run does not start");
      expect(refusal).toContain("steps[1].parameter.preSql[0] (line 1)");
    },
  );

  it.each([
    ["outside quotes", { where: "id = ${oss.key}" }],
    ["as a name", { where: "`${oss.key}` = 1" }],
    ["as a column", { column: ["${oss.key}"] }],
    ["after a text that ended", { where: "a = 'b' and ${oss.key}" }],
    ["in a comment", { where: "a = 1 /* '${oss.key}' */" }],
    ["behind a comment's quote", { where: "a = 1 -- it's\n and b = '${oss.key}" }],
    ["behind a backslash, which may hide a quote", { where: "a = 'b\\\\' and c = '${oss.key}'" }],
    ["in a session statement", { session: ["set @file = ${oss.key}"] }],
    ["in a query", { table: undefined, column: undefined, querySql: ["select id from orders where ${oss.etag}"] }],
    ["behind a key spelled otherwise", { WHERE: "id = ${oss.key}" }],
  ])("is refused %s, whatever its value", async (place, reader) => {
    const refused = [expect.stringContaining("may stand in quotes only")];
    // A quote behind a comment is in order: the line's end closes the comment.
    if (place === "behind a comment's quote") expect(await verdict(scriptWith(reader), "a")).toEqual([]);
    else {
      expect(await verdict(scriptWith(reader))).toEqual(refused);
      expect(
        await verdict(scriptWith(reader), "1").catch((error: Error) => [
          error.message.replace(/^no value.*/, "may stand in quotes only"),
        ]),
      ).toEqual(refused);
    }
  });

  it("may stand anywhere where it is no SQL", async () => {
    expect(await verdict(scriptWith({ table: ["orders_${oss.etag}"] }))).toEqual([]);
  });
});
