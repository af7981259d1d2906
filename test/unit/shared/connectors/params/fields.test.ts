import { describe, expect, it } from "vitest";
import { z } from "zod";
import { delimiter } from "../../../../../shared/connectors/params/delimiter.js";
import { describeFields, parameterKeys } from "../../../../../shared/connectors/params/describe.js";
import {
  choice,
  countParam,
  flag,
  idle,
  requiredTexts,
  text,
  texts,
  untrimmedText,
  verbatim,
} from "../../../../../shared/connectors/params/fields.js";
import { param } from "../../../../../shared/connectors/params/note.js";

const note = { help: "Something." };
const REFUSED = Symbol("refused");

/** What a field makes of a value. */
function made(schema: z.ZodType, value: unknown): unknown {
  const parsed = z.object({ field: schema }).safeParse(value === undefined ? {} : { field: value });
  return parsed.success ? parsed.data.field : REFUSED;
}

describe("a field", () => {
  it.each([
    ["text", text(note), { " a ": "a", "": null, "  ": null }],
    ["untrimmedText", untrimmedText(note), { " a ": " a ", "": null, "  ": null }],
    ["verbatim", verbatim(note), { " a ": " a ", "": "", "  ": "  " }],
    ["flag", flag(note), { " TRUE": true, False: false, "": undefined, yes: REFUSED }],
    ["flag with a default", flag({ ...note, default: true }), { "": true, false: false }],
    ["count", countParam(note), { " 7 ": 7, "": undefined, "0": REFUSED, "1.5": REFUSED, "1e3": REFUSED, x: REFUSED }],
    ["count with limits", countParam({ ...note, min: 0, max: 9, default: 5 }), { "0": 0, "": 5, "10": REFUSED }],
    ["count that is required", countParam({ ...note, required: true }), { "3": 3, "": REFUSED }],
    ["choice", choice(["one", "Two"], note), { " TWO ": "Two", "": undefined, three: REFUSED }],
    ["choice with a default", choice(["one", "two"], { ...note, default: "two" }), { "": "two", One: "one" }],
    ["texts", texts(note), { " a ": ["a"], "": [] }],
    ["requiredTexts", requiredTexts(note), { " a ": ["a"], " ": REFUSED }],
    ["delimiter", delimiter(note), { "\t": "\t", " ": " ", "\\t": "\t", "\\u0001": "\u0001", "": undefined }],
    ["delimiter with a default", delimiter({ ...note, default: "," }), { ";": ";", "": "," }],
  ] as const)("%s takes texts as it says", (_name, schema, expected) => {
    const found = Object.keys(expected).map((given) => [given, made(schema, given)]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it("that is left out or null counts as blank", () => {
    for (const schema of [
      text(note),
      flag({ ...note, default: true }),
      countParam({ ...note, default: 3 }),
      delimiter(note),
    ])
      expect(made(schema, undefined)).toEqual(made(schema, ""));
    for (const schema of [text(note), flag(note), countParam(note), choice(["a"], note)])
      expect(made(schema, null)).toEqual(made(schema, ""));
    expect(made(texts(note), undefined)).toBeUndefined();
    expect(made(requiredTexts(note), undefined)).toBe(REFUSED);
  });

  it("that changes nothing takes anything and keeps nothing", () => {
    for (const value of ["x", 1, null, { a: [] }]) expect(made(idle(), value)).toBeUndefined();
  });
});

describe("the description of a schema", () => {
  const inner = z.object({ name: text({ help: "A name." }), size: countParam({ help: "A size.", default: 3 }) });
  const schema = z
    .object({
      table: param(z.string().min(1), { help: "The table.", title: "Table name" }),
      mode: choice(["a", "b"], { help: "How.", default: "a" }).refine((mode) => mode !== "b"),
      where: text({ help: "Which.", hidden: true }).transform((given) => given ?? "all"),
      key: text({ help: "The key.", secret: true }),
      column: param(z.array(inner), { help: "Columns." }),
      extra: param(z.record(z.string(), z.string()).optional(), { help: "More." }),
      batchSize: countParam({ help: "Rows.", default: 10 }),
      names: texts({ help: "Names." }),
    })
    .superRefine(() => undefined)
    .transform((given) => given.table);

  it("has every key with what its schema and its note tell", () => {
    const common = { secret: false, hidden: false };
    expect(describeFields(schema)).toEqual([
      { ...common, name: "table", label: "Table name", help: "The table.", type: "text", required: true },
      {
        ...{ ...common, name: "mode", label: "Mode", help: "How.", type: "choice" },
        ...{ required: false, choices: ["a", "b"], default: "a" },
      },
      { ...common, name: "where", label: "Where", help: "Which.", type: "text", required: false, hidden: true },
      { ...common, name: "key", label: "Key", help: "The key.", type: "text", required: false, secret: true },
      {
        ...{ ...common, name: "column", label: "Column", help: "Columns.", type: "objects", required: true },
        fields: [
          { ...common, name: "name", label: "Name", help: "A name.", type: "text", required: false },
          { ...common, name: "size", label: "Size", help: "A size.", type: "number", required: false, default: 3 },
        ],
      },
      { ...common, name: "extra", label: "Extra", help: "More.", type: "options", required: false },
      {
        ...common,
        name: "batchSize",
        label: "Batch size",
        help: "Rows.",
        type: "number",
        required: false,
        default: 10,
      },
      { ...common, name: "names", label: "Names", help: "Names.", type: "texts", required: false },
    ]);
    expect(parameterKeys(schema)).toEqual(describeFields(schema).map(({ name }) => name));
  });
});
