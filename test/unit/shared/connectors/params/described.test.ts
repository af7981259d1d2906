import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../shared/connectors/contract.js";
import { describeFields, secretsOf, sqlKeysOf } from "../../../../../shared/connectors/params/describe.js";
import { connectorNames, loadConnector } from "../../../../../shared/connectors/registry.js";
import type { FieldView } from "../../../../../shared/model/connector-view.js";
import type { JsonObject } from "../../../../../shared/model/json.js";

type Side = NonNullable<Connector["reader"] | Connector["writer"]>;

const connectors = await Promise.all(connectorNames().map(loadConnector));
const sides = connectors.flatMap(({ name, reader, writer }) => [
  ...(reader ? [[`reader of ${name}`, reader as Side] as const] : []),
  ...(writer ? [[`writer of ${name}`, writer as Side] as const] : []),
]);

/** Fields, and those inside them, with their paths. */
function everyField(fields: readonly FieldView[], path = ""): readonly (readonly [string, FieldView])[] {
  return fields.flatMap((field) => [
    [`${path}${field.name}`, field] as const,
    ...everyField(field.fields ?? [], `${path}${field.name}.`),
  ]);
}

/** Whether a parameter is refused for this field. */
function refuses({ params }: Side, parameter: JsonObject, name: string): boolean {
  return params.safeParse(parameter).error?.issues.some(({ path }) => path[0] === name) ?? false;
}

/** Also the form's words: a label, and one line that tells what to fill in. */
function expectHelp(fields: readonly FieldView[]): void {
  for (const [path, { help, label }] of everyField(fields)) {
    expect(help, path).toMatch(/^[A-Za-z0-9*].{8,200}[.]$/);
    expect(label, path).toMatch(/^[A-Z]/);
  }
}

it.each(connectors.map((connector) => [connector.name, connector] as const))(
  "every property of a data source of %s has a line of help, and those that are secret are sealed",
  (_name, { source }) => {
    expectHelp(describeFields(source.schema));
    expect(source.secrets).toEqual(secretsOf(source.schema));
  },
);

it("what is named like a secret is one, and nothing else is", () => {
  // A variable's name, a file's certificate, an id: they open nothing by themselves.
  const isNamedSo = (name: string) =>
    /password|secret|token|externalId|(access|ssl)key$/i.test(name) && !/env$/i.test(name);
  for (const { name: type, source } of connectors)
    for (const [path, { name, secret }] of everyField(describeFields(source.schema)))
      expect([type, path, secret]).toEqual([type, path, isNamedSo(name)]);
});

it("what becomes SQL is marked, so that no value of an event ends a text in it", () => {
  const columns = ["column", "splitPk"];
  const sql = {
    reader: [...columns, "querySql", "session", "where"],
    // A connection is the same for both sides.
    writer: ["column", "postSql", "preSql", "querySql", "session", "updateColumn"],
  };
  const of: Record<string, readonly string[]> = {
    "writer of mysql": [...sql.writer, "obUpdateColumns"],
    "reader of odps": ["postSql", "preSql", "where"],
    "writer of odps": ["postSql", "preSql"],
  };
  for (const [name, { params }] of sides) {
    const system = connectors.find((one) => name.endsWith(` of ${one.name}`));
    const isSql = describeFields(system?.reader?.params ?? params).some((field) => field.name === "querySql");
    const expected = of[name] ?? (isSql ? sql[name.startsWith("reader") ? "reader" : "writer"] : []);
    expect([name, [...new Set(sqlKeysOf(params))].sort()]).toEqual([name, [...expected].sort()]);
    const speaking = everyField(describeFields(params)).filter(
      ([, { help, hidden, type }]) => !hidden && /text/.test(type) && /\bSQL\b|[Ss]tatement/.test(help),
    );
    const unmarked = speaking.filter(([, field]) => !sqlKeysOf(params).includes(field.name)).map(([path]) => path);
    expect([name, unmarked]).toEqual([name, []]);
  }
});

/** What a field is only taken beside, and refused without. */
const company: Readonly<Record<string, JsonObject>> = { conflictMode: { writeMode: "upsert" } };

describe.each(sides)("the description of the %s", (_name, side) => {
  const fields = describeFields(side.params);
  const template = side.template();
  const without = (name: string): JsonObject =>
    Object.fromEntries(Object.entries(template).filter(([key]) => key !== name));

  it("has a line of help for every field", () => {
    expectHelp(fields);
  });

  it("calls required what the schema misses, and nothing else", () => {
    for (const { name, required, unless } of fields)
      if (name !== "datasource")
        expect([name, refuses(side, without(name), name)]).toEqual([name, required || unless !== undefined]);
  });

  it("names fields that there are where they replace each other", () => {
    const names = fields.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(fields.flatMap(({ unless = [] }) => unless)));
  });

  it("tells the value that is taken for who leaves a field out", () => {
    for (const { name, default: standard } of fields)
      if (standard !== undefined)
        expect([name, side.params.parse({ ...template, [name]: standard })]).toEqual([
          name,
          side.params.parse(without(name)),
        ]);
  });

  it("tells choices that are taken, and there are no others", () => {
    for (const { name, choices, hidden } of fields) {
      if (!choices || hidden) continue;
      expect([name, refuses(side, { ...template, [name]: "none-of-them" }, name)]).toEqual([name, true]);
      for (const one of choices)
        expect([name, one, refuses(side, { ...template, ...company[name], [name]: one }, name)]).toEqual([
          name,
          one,
          false,
        ]);
    }
  });
});
