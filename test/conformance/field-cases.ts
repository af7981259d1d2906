import { describe, expect, test } from "vitest";
import { describeFields, parameterKeys } from "../../shared/connectors/params/describe.js";
import { checkStepParameters } from "../../shared/jobs/resolve-job.js";
import type { JsonObject } from "../../shared/model/json.js";
import { parseJob } from "../../shared/script/read/parse-job.js";
import { checkProperties } from "../../shared/sources/check-properties.js";
import { job } from "../servers/sluice.js";
import type { Bench } from "./suite.js";

/** Fields that nobody knows: refused in a data source, warned about in a job. */
export function fieldCases<S, R, W>({ connector, scratch, check }: Bench<S, R, W>): void {
  const fields = describeFields(connector.source.schema);
  const refusalOf = (extra: JsonObject): unknown => {
    try {
      checkProperties(connector, { ...scratch().source, ...extra }, "properties");
      return "accepted";
    } catch (error) {
      return error;
    }
  };

  test("an unknown property of the data source is refused by name, without its value", () => {
    expect(refusalOf({ zzzzzzzz: "some-value-4711" })).toMatchObject({
      ...{ code: "CONFIG_INVALID", path: "properties.zzzzzzzz" },
      message: "properties.zzzzzzzz: unknown property",
    });
  });

  if (fields.length > 0)
    test("a misspelt property is refused with the known one that is nearest", () => {
      for (const { name } of fields) {
        if (fields.some((other) => other.name === `${name}x`)) continue;
        expect(refusalOf({ [`${name}x`]: "some-value-4711" })).toMatchObject({
          message: `properties.${name}x: unknown property; did you mean "${name}"?`,
        });
      }
    });

  if (fields.some(({ name }) => name === "address"))
    test("so is one inside an address", () => {
      expect(refusalOf({ address: [{ host: "localhost", prot: 1 }] })).toMatchObject({
        ...{ code: "CONFIG_INVALID", path: "properties.address.0.prot" },
        message: 'properties.address.0.prot: unknown property; did you mean "port"?',
      });
    });

  for (const kind of ["reader", "writer"] as const) {
    const side = connector[kind];
    if (!side) continue;
    describe(`${kind}'s parameter`, () => {
      const title = "draws one warning per unknown key, with the known one that is nearest, and is accepted";
      check("registered", title, async () => {
        const keys = parameterKeys(side.params);
        const folded = new Set(keys.map((key) => key.toLowerCase()));
        const misspelt = keys.filter((key) => !folded.has(`${key}x`.toLowerCase()));
        const odd = Object.fromEntries([...misspelt.map((key) => `${key}x`), "zzzzzzzz"].map((key) => [key, "1"]));
        const step = [connector.name, { ...side.template(), ...odd }] as const;
        const parsed = parseJob(JSON.stringify(job([...step], [...step])), { mode: "preview" });
        const { warnings, issues } = await checkStepParameters(kind, parsed.job[kind], parsed);
        expect(issues).toEqual([]);
        expect(warnings.map(({ message }) => message)).toEqual([
          ...misspelt.map((key) => `unknown key "${key}x" is ignored; did you mean "${key}"?`),
          'unknown key "zzzzzzzz" is ignored',
        ]);
        expect(warnings.every(({ line }) => (line ?? 0) > 0)).toBe(true);
      });
    });
  }
}
