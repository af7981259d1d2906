import type { FieldPacket } from "mysql2";
import { columnOfField } from "./column-type.js";
import type { MysqlClient } from "./connection.js";
import { momentQuery } from "./moments.js";
import { namedZone } from "./session-zone.js";
import type { TableInfo } from "./table-info.js";

/** Columns of a table that are read as moments: TIMESTAMPs, where the session's zone makes their texts ambiguous. */
export async function momentColumns(client: MysqlClient, { columns }: TableInfo): Promise<readonly string[]> {
  const timestamps = columns.filter(({ dataType }) => dataType === "timestamp").map(({ name }) => name);
  return timestamps.length > 0 && (await namedZone(client)) !== null ? timestamps : [];
}

/** A `querySql` as it is read, with its TIMESTAMPs as moments where that must and can be. */
export async function querySpec(
  client: MysqlClient,
  sql: string,
  fields: readonly FieldPacket[],
): Promise<{ exact: { sql: string; moments?: readonly string[] }; warnings: string[] }> {
  const columns = fields.map(columnOfField);
  const moments = columns.filter(({ nativeType }) => nativeType === "timestamp").map(({ name }) => name);
  const zone = moments.length > 0 ? await namedZone(client) : null;
  if (zone === null) return { exact: { sql }, warnings: [] };
  const exact = momentQuery(sql, columns);
  if (exact !== null) return { exact: { sql: exact, moments }, warnings: [] };
  const unclear = `querySql delivers ${moments.join(", ")} in ${zone}, where an hour comes twice when clocks are set back: its moments have one text, and count as the later one; give each column of the statement a name of its own`;
  return { exact: { sql }, warnings: [unclear] };
}
