import type { Connector, Side } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { allInOrder } from "../model/all-in-order.js";
import type { PlannedStep } from "../model/plan.js";
import type { SecretBox } from "../secrets/seal.js";
import { openProperties, parseSource } from "../sources/open-source.js";

/** A planned side with its connector loaded and its secrets opened. */
export interface OpenStep {
  readonly connector: Connector;
  side(signal: AbortSignal): Side<unknown, unknown>;
}

/** Which side a step is, in what zone, and who opens its secrets. */
interface Opening {
  readonly kind: "reader" | "writer";
  /** Null = the system's own, which is yet to be asked for. */
  readonly timeZone: string | null;
  readonly secretBox: SecretBox;
}

/** Loads the connector of a side and parses what was stored of it with the connector's own schemas. */
export async function openStep(step: PlannedStep, { kind, timeZone, secretBox }: Opening): Promise<OpenStep> {
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
