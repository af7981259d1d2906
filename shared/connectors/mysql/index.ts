import type { Connector } from "../contract.js";
import { borrowedPassword } from "../network/database-source.js";
import { secretsOf } from "../params/describe.js";
import { inlineKeys } from "../sql/inline.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import type { SqlWriteParams } from "../sql/write/write-params.js";
import { mysqlCatalog } from "./catalog.js";
import { checkMysql } from "./check.js";
import { mysqlFromInline } from "./jdbc.js";
import { mysqlReader } from "./reader.js";
import { type MysqlSource, mysqlSourceSchema, sourceWarnings } from "./source.js";
import { mysqlWriter } from "./writer.js";

/**
 * MySQL 5.7 to 9 and MariaDB: reader and writer; also PolarDB, DRDS, TiDB and other systems that speak the protocol.
 * Splits on `splitPk` or on the primary key, of one or several columns; without either the table is a single split.
 * In a time zone that is no fixed offset TIMESTAMPs are no key: moments of the hour that comes twice have the same text.
 * Source: MySQL manual, "Data Types", "LOAD DATA", "INSERT ... ON DUPLICATE KEY UPDATE"; DataX mysqlreader and mysqlwriter documents.
 * FLOAT columns of tables arrive whole, in the fewest digits that make the same float; an expression or `querySql` delivers what the server
 * prints, six digits of a float unless it says `f * 1e0`. MariaDB prints a negative zero without its sign.
 * MySQL 5.7 takes long over loading cells beyond 5 MB.
 * Verified against: MariaDB 10.11, MySQL 5.7.42, 8.0.46, 8.4.13 and 9.7.4 (conformance, end to end).
 * OceanBase: by hand against seekdb 1.4 (reports itself as OceanBase 4.3.5): sessions, reading in splits, all four modes with their dirty records,
 * the ledger; writes go by INSERT. Not verified: an OceanBase cluster, PolarDB, DRDS, TiDB.
 */
export const mysql: Connector<MysqlSource, SqlReadParams, SqlWriteParams> = {
  name: "mysql",
  title: "MySQL, MariaDB and compatible systems",
  source: {
    schema: mysqlSourceSchema,
    secrets: secretsOf(mysqlSourceSchema),
    warnings: sourceWarnings,
    borrows: borrowedPassword,
    fromInline: mysqlFromInline,
    inlineKeys,
  },
  check: checkMysql,
  catalog: mysqlCatalog,
  reader: mysqlReader,
  writer: mysqlWriter,
};
