import { counted } from "../../model/counted.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { checkDatabase } from "../network/check-database.js";
import { type Fault, isNetworkError, networkFault } from "../network/probe.js";
import { connectDb2, type Db2Connection } from "./client.js";
import { loadDb2Driver } from "./driver.js";
import { db2ServerErrorOf } from "./server-error.js";
import type { Db2Source } from "./source.js";

/**
 * Connectivity test.
 *
 * @throws UserError UNSUPPORTED when the driver is absent
 */
export async function checkDb2(
  source: Db2Source,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  await loadDb2Driver();
  return checkDatabase<Db2Connection>(
    source,
    { signal, options },
    {
      order: source.tls ? ["tls", "exists", "login"] : ["exists", "login"],
      open: (target) => connectDb2(source, target),
      late: (client) => client.close(),
      close: (client) => client.close(),
      explain,
      read: (client) =>
        countOf(
          client,
          "SELECT COUNT(*) FROM SYSCAT.TABLES WHERE TYPE IN ('T', 'V') AND TABSCHEMA NOT LIKE 'SYS%'",
          "seen",
        ),
      write: (client) =>
        countOf(
          client,
          "SELECT COUNT(*) FROM SYSCAT.TABLES T WHERE T.TYPE = 'T' AND T.TABSCHEMA NOT LIKE 'SYS%' AND (T.OWNER = USER OR EXISTS (SELECT 1 FROM SYSCAT.TABAUTH A WHERE A.TABSCHEMA = T.TABSCHEMA AND A.TABNAME = T.TABNAME AND A.GRANTEE IN (USER, 'PUBLIC') AND A.INSERTAUTH IN ('Y', 'G')))",
          "written",
        ),
      missing: (step, error) => ({
        ...{ step, message: error instanceof Error ? error.message : String(error) },
        hint: `GRANT ${step === "read" ? "SELECT" : "INSERT"} on the tables to this account.`,
      }),
    },
  );
}

async function countOf(client: Db2Connection, sql: string, done: string): Promise<string> {
  const { rows } = await client.query(sql);
  const tables = Number(rows[0]?.[0] ?? 0);
  if (tables === 0) throw new Error(`no table can be ${done}`);
  return `${counted(tables, "table")} can be ${done}`;
}

type Meaning = readonly [step: Fault["step"], hint: string];

/** IBM, "Db2 messages": what a failed login means. */
const meanings = new Map<number, Meaning>([
  ...[-30_082, -1060, -552].map(
    (code) => [code, ["login", "Check username and password, and the right to CONNECT."]] as const,
  ),
  ...[-1013, -30_061].map(
    (code) => [code, ["exists", "No database of that name or alias is there; check the name."]] as const,
  ),
  [-1040, ["exists", "The database has as many connections as it may have; try again later."]],
  [-20_576, ["tls", "Give the certificate of the server's authority as sslCa, and the port that speaks TLS."]],
  [
    -30_081,
    ["exists", "The server hung up: check host, port and TLS, and that the instance listens (DB2COMM, SVCENAME)."],
  ],
]);

function explain(error: unknown): Fault {
  const found = db2ServerErrorOf(error);
  if (!found) return isNetworkError(error) ? networkFault("exists", error) : networkFault("login", error);
  const [step, hint] = meanings.get(found.sqlcode) ?? [
    "exists",
    "Read the server's own message; check account and server settings.",
  ];
  return { step, message: `${found.message} (sqlcode ${found.sqlcode})`, hint };
}
