import type { JsonObject } from "../../model/json.js";
import type { CatalogColumn, TemplateTable } from "../contract.js";

/** The reader's parameter to copy. */
export function otsReaderTemplate(about?: TemplateTable): JsonObject {
  const columns = about?.columns ?? [];
  return {
    datasource: about?.datasource ?? "my_tablestore",
    table: about?.table ?? "orders",
    column:
      columns.length > 0
        ? columns.map(({ name, type }) => ({ name, type: wordOf(type).toLowerCase() }))
        : [{ name: "id" }, { name: "amount", type: "double" }, { type: "string", value: "constant" }],
    range: { begin: [{ type: "INF_MIN" }], end: [{ type: "INF_MAX" }] },
  };
}

/** The writer's parameter to copy. */
export function otsWriterTemplate(about?: TemplateTable): JsonObject {
  const known = (about?.columns ?? []).map(({ name, type, key }) => ({ key, column: { name, type: wordOf(type) } }));
  const keys = known.filter(({ key }) => key !== null).map(({ column }) => column);
  const others = known.filter(({ key }) => key === null).map(({ column }) => column);
  const example = [
    { name: "customer", type: "STRING" },
    { name: "amount", type: "DOUBLE" },
  ];
  return {
    datasource: about?.datasource ?? "my_tablestore",
    table: about?.table ?? "orders",
    primaryKey: keys.length > 0 ? keys : [{ name: "id", type: "INT" }],
    // A table need not declare the columns beside its key: then the example shows how they are named.
    column: others.length > 0 ? others : example,
    writeMode: "PutRow",
  };
}

function wordOf(type: CatalogColumn["type"]): string {
  const words = { long: "INT", double: "DOUBLE", string: "STRING", date: "STRING", bool: "BOOL", bytes: "BINARY" };
  return words[type];
}
