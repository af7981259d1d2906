import type { Connector, Prepared, RunRef, Side } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { allInOrder } from "../model/all-in-order.js";
import { InternalError, UserError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";
import type { PlannedStep, RunPlan } from "../model/plan.js";
import type { RunRecord } from "../model/run.js";
import type { SealedProperties } from "../model/seal.js";
import { checkProperties } from "../sources/check-properties.js";
import type { SecretBox } from "../sources/seal.js";

/** A planned side with its connector loaded and its secrets opened. */
export interface OpenStep {
  readonly connector: Connector;
  side(signal: AbortSignal): Side<unknown, unknown>;
}

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
    reader: await openStep("reader", plan.reader, plan.zones.reader.zone, secretBox),
    writer: await openStep("writer", plan.writer, plan.zones.writer.zone, secretBox),
    run: {
      runId: record.id,
      exactlyOnce: plan.exactlyOnce,
      columns: plan.columns,
      clock: plan.zones.reader.zone,
      prepared,
    },
  };
}

/** Loads the connector of a side and parses what was stored of it with the connector's own schemas. */
export async function openStep(
  kind: "reader" | "writer",
  step: PlannedStep,
  timeZone: string | null,
  secretBox: SecretBox,
): Promise<OpenStep> {
  const connector = await loadConnector(step.type);
  const { schema } = connector.source;
  const opened = await allInOrder(
    step.sources.map(
      async ({ name, source }) =>
        [name, parseSource(connector, name, await openProperties(source, secretBox))] as const,
    ),
  );
  const source = opened[0] ? opened[0][1] : schema.parse({});
  const params = connector[kind]?.params.parse(step.parameter);
  const sources = Object.fromEntries(opened);
  const preview = step.preview && { preview: step.preview };
  return { connector, side: (signal) => ({ source, sources, params, timeZone, signal, ...preview }) };
}

/**
 * A stored data source as its connector understands it.
 *
 * @throws UserError CONFIG_INVALID when it does not: what was stored by an earlier version may have become too little, or
 *   too much
 */
export function parseSource<S>(connector: Connector<S>, name: string, properties: JsonObject): S {
  try {
    return checkProperties(connector, properties, "properties");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError("CONFIG_INVALID", `data source "${name}": ${error.message}`, {
      path: error.path,
      hint: "Change the data source: leave out or correct the property that the message names, then try again.",
    });
  }
}

/** Connection properties with their secrets. */
export async function openProperties(stored: SealedProperties, secretBox: SecretBox): Promise<JsonObject> {
  const secrets = stored.sealed ? await secretBox.open(stored.sealed, stored.boundTo) : {};
  return { ...stored.properties, ...secrets };
}
