import type { Connector } from "../connectors/contract.js";
import { connectorName, knownTypes, loadConnector } from "../connectors/registry.js";
import type { Step } from "../model/job.js";
import { didYouMean } from "../script/nearest.js";
import type { ParsedScript } from "../script/parse-job.js";
import { ScriptError } from "../script/script-error.js";

/** Where the three spellings keep the type of a step, beside its `parameter`. */
const typeKeys = { "dataworks-2.0": "stepType", "dataworks-1.0": "plugin", datax: "name" } as const;

/**
 * Loads the connector of a step.
 *
 * @throws ScriptError at the step's type, naming the nearest known one
 */
export async function stepConnector(step: Step, { job, locate }: ParsedScript): Promise<Connector> {
  if (connectorName(step.type) !== undefined) return loadConnector(step.type);
  const path = step.path.replace(/parameter$/, typeKeys[job.format]);
  const near = didYouMean(step.type, knownTypes()) || `; known are ${knownTypes().join(", ")}`;
  throw new ScriptError({ message: `unsupported step type "${step.type}"${near}`, path, ...locate(path) });
}
