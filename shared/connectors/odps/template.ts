import type { JsonObject } from "../../model/json.js";
import type { TemplateTable } from "../contract.js";

const example = ["id", "name", "amount"];

function columnsOf(about: TemplateTable | undefined): string[] {
  const names = (about?.columns ?? []).map(({ name }) => name);
  return names.length > 0 ? names : example;
}

/** The reader's parameter to copy. */
export function odpsReaderTemplate(about?: TemplateTable): JsonObject {
  return {
    datasource: about?.datasource ?? "odps_first",
    table: about?.table ?? "orders",
    partition: ["pt=${bizdate}"],
    column: columnsOf(about),
  };
}

/** The writer's parameter to copy. */
export function odpsWriterTemplate(about?: TemplateTable): JsonObject {
  return {
    datasource: about?.datasource ?? "odps_first",
    table: about?.table ?? "orders",
    partition: "pt=${bizdate}",
    truncate: true,
    column: columnsOf(about),
    emptyAsNull: false,
  };
}
