import { describe, expect, it } from "vitest";
import { z } from "zod";
import { routes } from "../../../../functions/api/routes.js";
import { propertiesSchema } from "../../../../shared/api/data-sources.js";
import { parametersSchema } from "../../../../shared/api/inputs.js";

type Schema = { [key: string]: unknown };

/** Bounded by what reads them, in ways that a schema cannot say. */
const boundedElsewhere: Readonly<Record<string, string>> = {
  script: "the quota scriptBytes, and 1,048,576 characters where it is read",
  properties: "checked as a whole, see below",
  parameters: "checked as a whole, see below",
  items: "rows of an import, bounded by the body",
};

/** The places of texts without a longest length, and of lists without a most of items. */
function unbounded(schema: Schema, path: string): string[] {
  const name = path.split(".").at(-1) ?? "";
  if (name in boundedElsewhere) return [];
  const inner = Object.entries(schema).flatMap(([key, value]) => {
    if (key === "properties")
      return Object.entries(value as Schema).flatMap(([property, one]) =>
        unbounded(one as Schema, `${path}.${property}`),
      );
    const several = Array.isArray(value) ? value : [value];
    if (!["items", "anyOf", "oneOf", "allOf", "additionalProperties"].includes(key)) return [];
    return several.flatMap((one) => (typeof one === "object" && one !== null ? unbounded(one as Schema, path) : []));
  });
  const isText = schema.type === "string" && !("maxLength" in schema || "enum" in schema || "const" in schema);
  const isList = schema.type === "array" && !("maxItems" in schema);
  return isText || isList ? [path, ...inner] : inner;
}

describe("what a caller sends", () => {
  it.each(
    routes.flatMap(({ method, path, body, query }) => [
      ...(body ? [[`body of ${method} ${path}`, body] as const] : []),
      ...(query ? [[`query of ${method} ${path}`, query] as const] : []),
    ]),
  )("has a longest length in each text, and a most of items in each list: %s", (where, schema) => {
    const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
    expect(unbounded(shape, where)).toEqual([]);
  });

  it.each([
    [{ ["n".repeat(201)]: "x" }, /name of at most 200/],
    [{ a: "x".repeat(65_537) }, /65536/],
    [Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, "x"])), /200/],
  ])("bounds parameters by number, name and value", (value, message) => {
    expect(JSON.stringify(parametersSchema.safeParse(value).error?.issues ?? [])).toMatch(message);
  });

  it.each([
    [{ password: "x".repeat(65_537) }, /65536/],
    [{ ["n".repeat(201)]: "x" }, /200/],
    [Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, "x"])), /200/],
    [{ nested: [{ deep: "x".repeat(65_537) }] }, /65536/],
  ])("bounds properties of data sources by number, name and value", (value, message) => {
    expect(JSON.stringify(propertiesSchema.safeParse(value).error?.issues ?? [])).toMatch(message);
  });

  it("takes what is in bounds", () => {
    expect(parametersSchema.parse({ "bdp.system.bizdate": "1", day: 5, "a-b": true })).toEqual({
      "bdp.system.bizdate": "1",
      day: "5",
      "a-b": "true",
    });
    expect(propertiesSchema.parse({ host: "h", address: [{ host: "h", port: 1 }] })).toBeTruthy();
  });
});
