import type { WritableSystem } from "../sql/write/system.js";
import { openDb2 } from "./client.js";
import { db2ColumnsOf, db2Reading } from "./reading.js";
import { db2Errors } from "./server-error.js";
import { db2Text } from "./sql-text.js";
import { describeDb2Table } from "./table-info.js";
import type { Db2Types } from "./types.js";
import { db2Writing } from "./writing.js";

/** DB2 for the flow of SQL systems. It has no moments: dates are what they are. */
export const db2System: WritableSystem<Db2Types> = {
  text: db2Text,
  errors: db2Errors,
  connect: openDb2,
  whyNotPlanned: (entry) => (/^\s*set\s+(?:current\s+)?\w+/i.test(entry) ? null : "would run"),
  describeTable: (client, _source, name) => describeDb2Table(client, name),
  describe: db2ColumnsOf,
  reading: db2Reading,
  writing: db2Writing,
};
