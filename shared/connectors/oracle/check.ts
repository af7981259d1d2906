import { counted } from "../../model/counted.js";
import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { checkDatabase } from "../network/check-database.js";
import { type Fault, isNetworkError, networkFault } from "../network/probe.js";
import { connectOracle, type OracleClient } from "./client.js";
import type { OracleSource } from "./source.js";

/** Connectivity test. The listener looks for the service before anybody logs in. */
export function checkOracle(
  source: OracleSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  return checkDatabase<OracleClient>(
    source,
    { signal, options },
    {
      order: source.tls ? ["tls", "exists", "login"] : ["exists", "login"],
      open: (target) => connectOracle(source, target),
      late: (client) => client.close(),
      close: (client) => client.close(),
      explain: (error) => explainOracle(error, source),
      read,
      write,
      missing,
    },
  );
}

async function read(client: OracleClient): Promise<string> {
  const [tables] = await client.firstRow("SELECT COUNT(*) FROM ALL_TABLES WHERE OWNER NOT IN ('SYS', 'SYSTEM', 'XDB')");
  if (!Number(tables)) throw new Error("no table can be seen");
  return `${counted(Number(tables), "table")} can be seen`;
}

async function write(client: OracleClient): Promise<string> {
  const [own, granted, any] = await client.firstRow(`SELECT (SELECT COUNT(*) FROM USER_TABLES),
    (SELECT COUNT(*) FROM ALL_TAB_PRIVS WHERE PRIVILEGE = 'INSERT' AND GRANTEE = USER),
    (SELECT COUNT(*) FROM SESSION_PRIVS WHERE PRIVILEGE = 'INSERT ANY TABLE') FROM DUAL`);
  if (!Number(own) && !Number(granted) && !Number(any)) throw new Error("INSERT is granted on no table");
  return `INSERT is possible on ${Number(any) ? "any table" : counted(Number(own) + Number(granted), "table")}`;
}

function missing(step: "read" | "write", error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return { step, message, hint: `GRANT ${step === "read" ? "SELECT" : "INSERT"} on the tables to this account.` };
}

type Meaning = readonly [step: Fault["step"], hint: string];

/** Oracle Database error help; NJS codes wrap what the listener said, so the ORA number is looked for in the whole text. */
const meanings: readonly (readonly [codes: RegExp, meaning: Meaning])[] = [
  [/ORA-01017|ORA-01005|ORA-28000|ORA-28001/, ["login", "Check username and password, and that the account is open."]],
  [/ORA-01045/, ["login", "GRANT CREATE SESSION to this account."]],
  [
    /ORA-12514|ORA-12505|NJS-518|NJS-517/,
    ["exists", "The listener knows no such service or SID; check the name, and which of the two it is."],
  ],
  [/ORA-12526|ORA-12528|ORA-01033|ORA-01034/, ["exists", "The database is starting or closed; try again later."]],
  [
    /ORA-12529|ORA-12546|ORA-12537|ORA-12547/,
    ["login", "The listener hung up: let its allow-list (valid node checking) admit the functions' network."],
  ],
  [
    /NJS-505|NJS-507|ORA-28759|ORA-28860|certificate/i,
    ["tls", "Give the certificate of the server's authority as sslCa, and the port that speaks TLS."],
  ],
  [
    /NJS-116|ORA-28040/,
    ["login", "This account's password verifier is too old for the thin driver: set the password anew on the server."],
  ],
];

/** What a failed login means. */
export function explainOracle(error: unknown, _source: Pick<OracleSource, "database">): Fault {
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  const whole = error instanceof Error ? `${error.message} ${error.cause ?? ""}` : message;
  const found = meanings.find(([codes]) => codes.test(whole));
  if (found) return { step: found[1][0], message, hint: found[1][1] };
  if (isNetworkError(error) || error instanceof SluiceError) return networkFault("exists", error);
  if (/redirects/.test(message))
    return { step: "exists", message, hint: "Register the address that the listener redirects to." };
  return { step: "exists", message, hint: "Read the server's own message; check account and server settings." };
}
