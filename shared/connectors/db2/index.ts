import type { Connector } from "../contract.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import type { SqlWriteParams } from "../sql/write/write-params.js";
import { db2Catalog } from "./catalog.js";
import { checkDb2 } from "./check.js";
import { db2Reader, db2Writer } from "./sides.js";
import { type Db2Source, db2Source } from "./source.js";

/**
 * DB2 for Linux, UNIX and Windows: data source, connectivity test, catalog, reader and writer, by IBM's native driver `ibm_db`, which is no part of the
 * functions and is found at run time.
 * Source: IBM "Db2 SQL reference", "Db2 messages", "CLI/ODBC configuration keywords", "IBM Data Server Driver for JDBC" (URLs); ibm_db documentation.
 * Verified: the connector against a module of the driver's own interface with SQLite behind it (conformance, SQL cases); statements by golden tests; URLs,
 * and what is said without the driver (unit). Not verified: the driver itself against any DB2, DB2 for z/OS and for IBM i; see docs/verified.md.
 */
export const db2: Connector<Db2Source, SqlReadParams, SqlWriteParams> = {
  name: "db2",
  title: "DB2",
  source: db2Source,
  check: checkDb2,
  catalog: db2Catalog,
  reader: db2Reader,
  writer: db2Writer,
};
