import type { JsonObject } from "../../model/json.js";
import type { TemplateTable } from "../contract.js";

/** Makes the reader's parameter to copy: the example, or one for a real table with all its columns, split on its key. */
export function readerTemplate(example: JsonObject): (about?: TemplateTable) => JsonObject {
  return (about) => {
    if (!about) return example;
    const { datasource, table, columns } = about;
    const [key, second] = columns.filter((column) => column.key !== null);
    return {
      ...example,
      datasource,
      ...(table !== null && { table: [table] }),
      // A key of several columns is found by the reader itself.
      ...(columns.length > 0 && { column: names(columns), splitPk: second ? "" : (key?.name ?? "") }),
    };
  };
}

/** Makes the writer's parameter to copy. */
export function writerTemplate(example: JsonObject): (about?: TemplateTable) => JsonObject {
  return (about) => {
    if (!about) return example;
    const { datasource, table, columns } = about;
    return {
      ...example,
      datasource,
      ...(table !== null && { table }),
      ...(columns.length > 0 && { column: names(columns) }),
    };
  };
}

function names(columns: TemplateTable["columns"]): string[] {
  return columns.map(({ name }) => name);
}
