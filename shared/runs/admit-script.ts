import type { Connector } from "../connectors/contract.js";
import { allInOrder } from "../model/all-in-order.js";
import type { Warning } from "../model/job.js";
import type { InlineSources, NamedSource } from "../model/run-record.js";
import { type ParsedScript, parseJob } from "../script/parse-job.js";
import { printJob } from "../script/print-job.js";
import { sealProperties } from "../sources/data-sources.js";
import type { SecretBox } from "../sources/seal.js";
import { type TakenInline, takeInline } from "./inline-sources.js";
import { stepConnector } from "./step-connector.js";

/** A script that may be stored: the secrets it carried are sealed apart. */
export interface AdmittedScript {
  readonly script: string;
  readonly inlineSources: InlineSources;
  readonly warnings: readonly Warning[];
  readonly parsed: ParsedScript;
}

/**
 * Reads a script before anything is stored. Connection properties that a DataX script carries become data sources of
 * the job itself; the stored text is then the job in canonical form without them.
 *
 * @param boundTo  what the sealed secrets belong to, such as `workspace/job`
 * @throws UserError SCRIPT_INVALID or CONFIG_INVALID
 */
export async function admitScript(text: string, boundTo: string, secretBox: SecretBox): Promise<AdmittedScript> {
  const parsed = parseJob(text, { mode: "preview" });
  const { job } = parsed;
  const take = async (kind: "reader" | "writer") => {
    const connector = await stepConnector(kind, parsed);
    const { step, sources, warnings } = takeInline(connector, job[kind], parsed.locate);
    const sealed = await sealAll(connector, sources, { boundTo: `${boundTo}/${kind}`, secretBox });
    return { step, sources: sealed, warnings };
  };
  const [reader, writer] = [await take("reader"), await take("writer")];
  const warnings = [...parsed.warnings, ...reader.warnings, ...writer.warnings];
  const isInline = reader.sources.length + writer.sources.length > 0;
  const script = isInline ? printJob({ ...job, reader: reader.step, writer: writer.step }) : text;
  return { script, inlineSources: { reader: reader.sources, writer: writer.sources }, warnings, parsed };
}

async function sealAll(
  connector: Connector,
  sources: TakenInline["sources"],
  { boundTo, secretBox }: { boundTo: string; secretBox: SecretBox },
): Promise<readonly NamedSource[]> {
  return allInOrder(
    Object.entries(sources).map(async ([name, properties]): Promise<NamedSource> => {
      return { name, source: await sealProperties(connector, properties, `${boundTo}/${name}`, secretBox) };
    }),
  );
}
