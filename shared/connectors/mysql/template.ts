import type { JsonObject } from "../../model/json.js";
import type { TemplateTable } from "../contract.js";
import template from "./template.json" with { type: "json" };

/** The reader's parameter to copy: the example, or one for a real table with all its columns, split on its key. */
export function readerTemplate(about?: TemplateTable): JsonObject {
  if (!about) return template.reader;
  const { datasource, table, columns } = about;
  const [key, second] = columns.filter((column) => column.key !== null);
  return {
    ...template.reader,
    datasource,
    ...(table !== null && { table: [table] }),
    // A key of several columns is found by the reader itself.
    ...(columns.length > 0 && { column: names(columns), splitPk: second ? "" : (key?.name ?? "") }),
  };
}

/** The writer's parameter to copy. */
export function writerTemplate(about?: TemplateTable): JsonObject {
  if (!about) return template.writer;
  const { datasource, table, columns } = about;
  return {
    ...template.writer,
    datasource,
    ...(table !== null && { table }),
    ...(columns.length > 0 && { column: names(columns) }),
  };
}

function names(columns: TemplateTable["columns"]): string[] {
  return columns.map(({ name }) => name);
}
