import type { Prepared, RunRef } from "../connectors/contract.js";
import { type OpenStep, openStep } from "../jobs/open-step.js";
import { InternalError } from "../model/errors.js";
import type { RunPlan } from "../model/plan.js";
import type { RunRecord } from "../model/run.js";
import type { SecretBox } from "../secrets/seal.js";

/** A planned run, ready to work on. */
export interface OpenPlan {
  readonly plan: RunPlan;
  readonly reader: OpenStep;
  readonly writer: OpenStep;
  readonly run: RunRef & { readonly prepared: Prepared };
}

/** Loads the connectors of a planned run and opens the secrets of its data sources. */
export async function openPlan(record: RunRecord, secretBox: SecretBox): Promise<OpenPlan> {
  const { plan } = record;
  if (!plan) throw new InternalError("INTERNAL", `run ${record.id} is ${record.state} without a plan`);
  const prepared = plan.prepared as unknown as Prepared;
  return {
    plan,
    reader: await openStep(plan.reader, { kind: "reader", timeZone: plan.zones.reader.zone, secretBox }),
    writer: await openStep(plan.writer, { kind: "writer", timeZone: plan.zones.writer.zone, secretBox }),
    run: {
      runId: record.id,
      exactlyOnce: plan.exactlyOnce,
      columns: plan.columns,
      clock: plan.zones.reader.zone,
      prepared,
    },
  };
}
