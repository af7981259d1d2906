import type { Catalog, CatalogColumn } from "../contract.js";
import { cellTypes } from "./cells/cell-reader.js";
import { type OdpsClient, openClient } from "./client.js";
import type { MaxcomputeSource } from "./source.js";
import { describeOdpsTable, type OdpsTableColumn } from "./table.js";
import { tags, textOfTag } from "./xml.js";

/** Looks into a project: its tables, and their columns with the keys of partitions behind them. */
export const odpsCatalog: Catalog<MaxcomputeSource> = {
  async tables(source, { search, limit, page }, signal) {
    const names = await tableNames(openClient(source, signal), search);
    const found = names.filter(({ name }) => page === null || name > page);
    const items = found.slice(0, limit).map(({ name, isView }) => {
      return { name, kind: isView ? ("view" as const) : ("table" as const), rows: null, bytes: null, comment: "" };
    });
    return { items, nextPage: found.length > limit ? (items.at(-1)?.name ?? null) : null };
  },
  async columns(source, table, signal) {
    const { columns, keys } = await describeOdpsTable(openClient(source, signal), {
      schema: null,
      table: table.toLowerCase(),
    });
    return [
      ...columns.map((column) => catalogColumn(column, null)),
      ...keys.map((key, at) => catalogColumn(key, at + 1)),
    ];
  },
};

async function tableNames(client: OdpsClient, search: string): Promise<readonly { name: string; isView: boolean }[]> {
  const found: { name: string; isView: boolean }[] = [];
  const resource = `/projects/${client.source.project}/tables`;
  let marker = "";
  do {
    const query = { expectmarker: "true", ...(marker !== "" && { marker }) };
    const { text } = await client.rest(`tables of project ${client.source.project}`, {
      method: "GET",
      resource,
      query,
    });
    for (const inner of tags(text, "Table"))
      found.push({ name: textOfTag(inner, "Name") ?? "", isView: /VIEW/.test(textOfTag(inner, "Type") ?? "") });
    marker = textOfTag(text, "Marker") ?? "";
  } while (marker !== "");
  const wanted = search.toLowerCase();
  return found.filter(({ name }) => name.toLowerCase().includes(wanted)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A key of partitions counts as part of a key: it says where a record lies. */
function catalogColumn({ name, type, typeText, nullable }: OdpsTableColumn, key: number | null): CatalogColumn {
  return { name, type: type ? cellTypes[type.kind] : "string", declared: typeText, nullable, key };
}
