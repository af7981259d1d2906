import { isJsonObject, type Json } from "../../model/json.js";
import type { ExactColumn, ExactReading } from "../sql/read/exact.js";
import type { MysqlClient } from "./connection.js";
import { type FloatColumn, floatColumns } from "./float-column.js";
import { momentColumn, momentQuery, momentSql } from "./moments.js";
import { mysqlNamedZone } from "./session-zone.js";
import { quoteMysqlName } from "./sql-text.js";
import type { MysqlTable } from "./table-info.js";
import type { MysqlTypes } from "./types.js";

const moment = "moment";

/**
 * FLOATs, of which the text protocol prints six digits, are selected as doubles, which come whole; TIMESTAMPs are selected as moments where
 * the session's zone shows two of them by one text.
 */
export const exactMysqlReading: ExactReading<MysqlTypes> = {
  async columns(client, table) {
    const floats = floatColumns(table.columns).map((float) => ({ name: float.name, as: floatAs(float) }));
    const moments = (await zoneOfTimestamps(client, table)) === null ? [] : timestampsOf(table);
    return [...floats, ...moments.map((name) => ({ name, as: moment }))];
  },
  async query(client, sql, columns) {
    const moments = columns.filter(({ nativeType }) => nativeType === "timestamp").map(({ name }) => name);
    const zone = moments.length > 0 ? await mysqlNamedZone(client) : null;
    if (zone === null) return { sql, warnings: [] };
    const exact = momentQuery(sql, columns);
    if (exact !== null) return { sql: exact, exact: moments.map((name) => ({ name, as: moment })), warnings: [] };
    const unclear = `querySql delivers ${moments.join(", ")} in ${zone}, where an hour comes twice when clocks are set back: its moments have one text, and count as the later one; give each column of the statement a name of its own`;
    return { sql, warnings: [unclear] };
  },
  // Times one rather than plus nought: that would take the sign from a negative zero.
  sql: ({ name, as }) => (as === moment ? momentSql(name) : `${quoteMysqlName(name)} * 1e0`),
  column: (found, { as }) => (as === moment ? momentColumn(found.name) : { ...found, nativeType: "float" }),
};

/** How the server writes a FLOAT column that was selected as a double; null = it is another column. */
export function floatOf({ name, as }: ExactColumn): FloatColumn | null {
  return isJsonObject(as) ? { name, scale: Number(as.scale), width: Number(as.width) } : null;
}

function floatAs({ scale, width }: FloatColumn): Json {
  return { scale, width };
}

/** Conditions on TIMESTAMPs are in the session's zone: where an hour comes twice, they are no key. */
export async function timestampsAsKeys(client: MysqlClient, table: MysqlTable) {
  const zone = await zoneOfTimestamps(client, table);
  if (zone === null) return null;
  const warning = `conditions on TIMESTAMPs of ${table.title} are in ${zone}, where an hour comes twice when clocks are set back: such columns are no key to split by or to resume from`;
  return { names: timestampsOf(table), warning };
}

async function zoneOfTimestamps(client: MysqlClient, table: MysqlTable): Promise<string | null> {
  return timestampsOf(table).length > 0 ? mysqlNamedZone(client) : null;
}

function timestampsOf({ columns }: MysqlTable): string[] {
  return columns.filter(({ dataType }) => dataType === "timestamp").map(({ name }) => name);
}
