import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import type { DatabaseSource } from "./database-source.js";
import { reportedEncryption } from "./encryption.js";
import type { NetworkTarget } from "./guard.js";
import { type Fault, networkFault, type Probe, reach, startProbe } from "./probe.js";

/** What differs between databases in a connectivity test. */
export interface DatabaseCheck<C> {
  /** Steps that one login settles, in the order in which this server goes through them. */
  readonly order: readonly CheckStep["name"][];
  open(target: NetworkTarget, signal: AbortSignal): Promise<C>;
  /** What a step tells of a connection that stands, in place of the usual words. */
  tells?(client: C): Partial<Record<CheckStep["name"], string>>;
  /** Drops a connection that came after the test had given up. */
  late(client: C): unknown;
  close(client: C, probe: Probe): unknown;
  /** What a failed login means. */
  explain(error: unknown): Fault;
  /** Says what can be read; throws when nothing can. */
  read(client: C): Promise<string>;
  /** Says what can be written; throws when nothing can. Leaves no trace. */
  write(client: C): Promise<string>;
  /** What it means that nothing can be read or written. */
  missing(step: "read" | "write", error: unknown): Fault;
}

/** What the steps tell of the encryption: that of TLS where it was demanded, else the login. */
export function tellEncryption(
  source: Pick<DatabaseSource, "tls">,
  encryption: string | null,
): Partial<Record<CheckStep["name"], string>> {
  const report = reportedEncryption(encryption, { isCertificateChecked: source.tls?.verify ?? false });
  return source.tls ? { tls: report } : { login: `the account is accepted; ${report}` };
}

/** Connectivity test of a database: name, port, TLS, login, database, grants. Ends at the first step that fails. */
export async function checkDatabase<C>(
  source: { readonly addresses: readonly NetworkTarget[]; readonly connectTimeoutMs: number },
  { signal, options }: { readonly signal: AbortSignal; readonly options: CheckOptions },
  check: DatabaseCheck<C>,
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  const target = await reach(probe, source.addresses, source.connectTimeoutMs);
  if (target) await checkInside(probe, target, { options, check });
  return probe.steps;
}

async function checkInside<C>(
  probe: Probe,
  target: NetworkTarget,
  { options, check }: { options: CheckOptions; check: DatabaseCheck<C> },
): Promise<void> {
  const client = await probe.settle(check.order, {
    open: () => check.open(target, probe.signal),
    late: (opened) => check.late(opened),
    tells: (opened) => check.tells?.(opened) ?? {},
    explain: (error) => check.explain(error),
  });
  if (!client) return;
  const runStep = (step: "read" | "write") =>
    probe.run(
      step,
      () => check[step](client),
      // What cannot be understood says nothing of grants.
      (error) => (isForeign(error) ? networkFault(step, error) : check.missing(step, error)),
    );
  try {
    if ((await runStep("read")) && options.write) await runStep("write");
  } finally {
    await check.close(client, probe);
  }
}

function isForeign(error: unknown): boolean {
  return error instanceof SluiceError && error.code === "SOURCE_UNREACHABLE";
}
