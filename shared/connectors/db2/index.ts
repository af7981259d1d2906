import { UserError } from "../../model/errors.js";
import type { Connector } from "../contract.js";
import { type Db2Source, db2Source } from "./source.js";

/**
 * DB2: data source only. Its protocol needs the native driver `ibm_db`, which is not part of the functions.
 * Source: IBM Data Server Driver for JDBC documentation, "URL format".
 * Verified: URLs (unit). Not verified against any DB2.
 */
export const db2: Connector<Db2Source> = {
  name: "db2",
  title: "DB2",
  source: db2Source,
  async check() {
    throw new UserError(
      "UNSUPPORTED",
      "data sources of type db2 cannot be tested: the optional driver ibm_db is absent from the functions; they can be registered, exported and imported",
    );
  },
};
