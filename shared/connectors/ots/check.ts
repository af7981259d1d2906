import { counted } from "../../model/counted.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { loginHint, noLogin } from "../network/cloud-key.js";
import { type Fault, networkFault, reachEndpoint, startProbe } from "../network/probe.js";
import { connectOts } from "./client.js";
import { isNetwork, OtsFailure, otsFailure } from "./failure.js";
import type { OtsSource } from "./source.js";

/** Connectivity test: finds the host, reaches it, and lists tables with the credentials. Stops at the first step that fails. */
export async function checkOts(
  source: OtsSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  if (!(await reachEndpoint(probe, source.endpoint))) return probe.steps;
  const tables = await probe.settle(["login", "exists"], {
    open: () => countTables(source, signal),
    late: () => {},
    explain: (error) => explain(error, source),
  });
  if (tables === undefined) return probe.steps;
  probe.note({
    name: "read",
    ok: true,
    durationMs: 0,
    message: `instance ${source.instanceName} has ${counted(tables, "table")}`,
  });
  if (options.write)
    probe.note({
      name: "write",
      ok: false,
      durationMs: 0,
      message: "writing was not tested: Tablestore tells rights only when a row is written",
      hint: "Make sure that the account has ots:BatchWriteRow on the target table.",
    });
  return probe.steps;
}

async function countTables(source: OtsSource, signal: AbortSignal): Promise<number> {
  const client = connectOts(source, signal);
  try {
    return (await client.listTable()).tableNames.length;
  } finally {
    client.close();
  }
}

function explain(error: unknown, source: OtsSource): Fault {
  if (!(error instanceof OtsFailure)) return noLogin(error, source) ?? networkFault("login", error);
  const { message, hint } = otsFailure(error, `instance ${source.instanceName}`);
  if (isNetwork(error.code)) return { step: "login", message, hint };
  if (
    error.code === "OTSObjectNotExist" ||
    (/instance/i.test(error.message) && /not (exist|found)/i.test(error.message))
  )
    return {
      step: "exists",
      message,
      hint: `There is no instance ${source.instanceName} at this endpoint; check both.`,
    };
  if (error.code === "OTSNoPermissionAccess")
    return { step: "exists", message, hint: "Grant ots:ListTable on the instance to this account." };
  if (error.code === "OTSAuthFailed") return { step: "login", message, hint: loginHint(source) };
  return { step: "login", message, hint };
}
