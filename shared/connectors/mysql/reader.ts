import type { Reader } from "../contract.js";
import type { ReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { MysqlSource } from "./source.js";
import { mysqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** All keys the reader's parameter may have. Those not parsed mean nothing to this connector. */
const keys = [
  ...["datasource", "table", "column", "connection", "splitPk", "where", "querySql", "splitFactor", "session"],
  ...["encoding", "socketTimeout", "mandatoryEncoding", "fetchSize", "useReadOnly", "canReadPrimary", "masterSlave"],
  ...["checkSlave", "slaveDelayLimit", "useSpecialSecret", "singleOrMulti", "envType", "weakRead", "readByPartition"],
] as const;

/** Reads tables in ranges of a key, each with one streaming query in the text protocol. */
export const mysqlReader: Reader<MysqlSource, ReadParams> = sqlReader(mysqlSystem, {
  keys,
  template: readerTemplate(template.reader),
});
