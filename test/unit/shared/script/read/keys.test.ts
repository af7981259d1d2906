import { describe, expect, it } from "vitest";
import { checkKeys, matchKeys } from "../../../../../shared/script/read/keys.js";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { formatIssue } from "../../../../../shared/script/text/script-error.js";

const FIELDS = [
  ...["datasource", "table", "splitPk", "where"].map((name) => ({ name })),
  { name: "column", fields: [{ name: "name" }, { name: "type" }] },
  { name: "connection", fields: [{ name: "datasource" }, { name: "table" }] },
  { name: "range", fields: [{ name: "begin", fields: [{ name: "type" }, { name: "value" }] }] },
];

function check(parameter: object) {
  const steps = [
    { stepType: "mysql", category: "reader", parameter },
    { stepType: "stream", category: "writer", parameter: {} },
  ];
  const { job, locate } = parseJob(JSON.stringify({ steps, setting: { errorLimit: { record: 0 } } }));
  const { parameter: checked, warnings } = checkKeys(job.reader, FIELDS, locate);
  return { checked, warnings: warnings.map(formatIssue) };
}

describe("checking the keys of a parameter", () => {
  it("brings known keys to the connector's spelling and says so", () => {
    expect(check({ Datasource: "a", " splitpk ": "id" })).toEqual({
      checked: { datasource: "a", splitPk: "id" },
      warnings: [
        'line 1, column 64, at steps[0].parameter.Datasource: the key "Datasource" is read as "datasource"',
        'line 1, column 81, at steps[0].parameter[" splitpk "]: the key " splitpk " is read as "splitPk"',
      ],
    });
  });

  it("prefers the canonical spelling, whichever comes first", () => {
    expect(check({ table: "a", Table: "b" }).checked).toEqual({ table: "a" });
    expect(check({ Table: "b", table: "a" }).checked).toEqual({ table: "a" });
    expect(check({ Table: "b", TABLE: "c" }).checked).toEqual({ table: "c" });
    expect(check({ table: "a", Table: "b" }).warnings).toEqual([
      'line 1, column 76, at steps[0].parameter.Table: the key "Table" is dropped, because "table" is there as well',
    ]);
  });

  it("warns of an unknown key with the nearest known one, and keeps it", () => {
    expect(check({ wehre: "id > 5", zebra: 1 })).toEqual({
      checked: { wehre: "id > 5", zebra: 1 },
      warnings: [
        'line 1, column 64, at steps[0].parameter.wehre: unknown key "wehre" is ignored; did you mean "where"?',
        'line 1, column 81, at steps[0].parameter.zebra: unknown key "zebra" is ignored',
      ],
    });
  });

  it("tolerates what wizards leave behind", () => {
    expect(check({ envType: 1, singleOrMulti: "multi", guid: null, useSpecialSecret: false }).warnings).toEqual([]);
  });

  it("mends the keys inside columns and connections", () => {
    const { checked } = check({
      column: ["id", { Name: "a", TYPE: "long", extra: 1 }],
      connection: [{ Datasource: "x", Table: ["t"] }],
      range: { Begin: [{ TYPE: "INF_MIN", value: { TYPE: 1 } }] },
    });
    expect(checked).toEqual({
      column: ["id", { name: "a", type: "long", extra: 1 }],
      connection: [{ datasource: "x", table: ["t"] }],
      // What a field says nothing of stays as it is.
      range: { begin: [{ type: "INF_MIN", value: { TYPE: 1 } }] },
    });
  });
});

describe("matching keys", () => {
  it("is not misled by names of the language", () => {
    expect(matchKeys(JSON.parse('{"__proto__": 1, "constructor": 2}'), ["a"]).unknown).toEqual([
      "__proto__",
      "constructor",
    ]);
  });
});
