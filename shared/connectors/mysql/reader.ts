import type { Reader } from "../contract.js";
import { idle } from "../params/fields.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { MysqlSource } from "./source.js";
import { mysqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

const byAddress = "the address of the data source decides";

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text to UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  fetchSize: idle("rows are streamed"),
  useReadOnly: idle(byAddress),
  canReadPrimary: idle(byAddress),
  masterSlave: idle(byAddress),
  checkSlave: idle(byAddress),
  slaveDelayLimit: idle(byAddress),
  useSpecialSecret: idle("each data source has its own account"),
  singleOrMulti: idle(),
  envType: idle(),
  weakRead: idle(byAddress),
  readByPartition: idle("tables are cut by ranges of a key"),
};

/** Reads tables in ranges of a key, each with one streaming query in the text protocol. */
export const mysqlReader: Reader<MysqlSource, SqlReadParams> = sqlReader(mysqlSystem, {
  ignored,
  template: readerTemplate(template.reader),
});
