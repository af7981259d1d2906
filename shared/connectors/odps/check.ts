import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { type CloudLogin, loginHint, noLogin } from "../network/cloud-key.js";
import { type Fault, networkFault, reachEndpoint, startProbe } from "../network/probe.js";
import { openClient } from "./client.js";
import { MaxcomputeFailure } from "./failure.js";
import { type MaxcomputeSource, odpsEndpointOf } from "./source.js";

/** Connectivity test: name, port, TLS, then one signed call that lists a table: key, project and right to list. */
export async function checkMaxcompute(
  source: MaxcomputeSource,
  signal: AbortSignal,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  if (!(await reachEndpoint(probe, odpsEndpointOf(source)))) return probe.steps;
  const table = await probe.settle(["login", "exists", "read"], {
    open: () => listOne(source, signal),
    late: () => {},
    explain: (error) => explain(error, source),
  });
  if (table !== undefined && options.write)
    probe.note({
      name: "write",
      ok: false,
      durationMs: 0,
      message: "writing was not tested: MaxCompute tells rights only when an upload begins",
      hint: "Make sure that the account may update the target table.",
    });
  return probe.steps;
}

/** One signed call: a page of one table. @throws SluiceError */
async function listOne(source: MaxcomputeSource, signal: AbortSignal): Promise<true> {
  const resource = `/projects/${source.project}/tables`;
  const query = { expectmarker: "true", maxitems: "1" };
  await openClient(source, signal, { attempts: 1 }).rest("list of tables", { method: "GET", resource, query });
  return true;
}

/** What a refused call means (MaxCompute documentation, "Error codes"). */
function explain(thrown: unknown, source: CloudLogin & Pick<MaxcomputeSource, "project">): Fault {
  const { project } = source;
  const error = thrown instanceof SluiceError ? (thrown.cause ?? thrown) : thrown;
  if (!(error instanceof MaxcomputeFailure)) return noLogin(error, source) ?? networkFault("login", error);
  const { status, code } = error;
  const message = `${error.message} (${code || status})`;
  if (/^ODPS-0420111|NoSuchProject|NoSuchObject/i.test(code) || status === 404)
    return { step: "exists", message, hint: `There is no project ${project} at this endpoint; check both.` };
  if (/^ODPS-04100(31|42|51)|Unauthorized|Signature|AccessId/i.test(code) || status === 401)
    return { step: "login", message, hint: loginHint(source) };
  if (/^ODPS-(0420095|0130013)|NoPermission|AccessDenied/i.test(code) || status === 403)
    return {
      step: "read",
      message,
      hint: `GRANT List ON PROJECT ${project} to this account, and admit the functions' network in its IP allow-list.`,
    };
  return { step: "login", message, hint: "Read the service's own message; check endpoint and account." };
}
