import type { Connector } from "../connectors/contract.js";
import { allInOrder } from "../model/all-in-order.js";
import type { InlineSources, NamedSource } from "../model/data-source.js";
import type { Warning } from "../model/job.js";
import { type ParsedScript, parseJob } from "../script/read/parse-job.js";
import { changeParameters } from "../script/repair/change-parameters.js";
import { ScriptError } from "../script/text/script-error.js";
import type { SecretBox } from "../secrets/seal.js";
import { sealProperties } from "../sources/data-sources.js";
import { renamedInline, type TakenInline, takeInline } from "./inline-sources.js";
import { leftSecrets } from "./left-secrets.js";
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
 * the job itself; the stored text is what the user wrote, without them and without comments.
 *
 * @param boundTo  what the sealed secrets belong to, such as `workspace/job`
 * @throws ScriptError, UserError CONFIG_INVALID
 */
export async function admitScript(text: string, boundTo: string, secretBox: SecretBox): Promise<AdmittedScript> {
  const parsed = parseJob(text, { mode: "preview" });
  const { reader, writer } = await takeBoth(parsed);
  const [first, ...rest] = leftSecrets(parsed, { reader: reader.step.parameter, writer: writer.step.parameter });
  if (first) throw new ScriptError(first, ...rest);
  const seal = ({ connector, sources }: typeof reader, kind: "reader" | "writer") =>
    sealAll(connector, sources, { boundTo: `${boundTo}/${kind}`, secretBox });
  const sealed = { reader: await seal(reader, "reader"), writer: await seal(writer, "writer") };
  const own = [...reader.warnings, ...writer.warnings];
  const warnings = [...parsed.warnings, ...own];
  if (sealed.reader.length + sealed.writer.length === 0)
    return { script: text, inlineSources: sealed, warnings, parsed };
  const { text: script, origins } = changeParameters(text, [
    { before: parsed.job.reader, after: reader.step },
    { before: parsed.job.writer, after: writer.step },
  ]);
  return { script, inlineSources: { ...sealed, origins, warnings: own }, warnings, parsed };
}

async function takeBoth(parsed: ParsedScript) {
  const take = async (kind: "reader" | "writer") => {
    const connector = await stepConnector(kind, parsed);
    return { connector, ...takeInline(connector, parsed.job[kind], parsed.locate) };
  };
  const reader = await take("reader");
  const writer = await take("writer");
  const taken = Object.keys(reader.sources);
  return { reader, writer: { ...writer, ...renamedInline(writer, taken) } };
}

async function sealAll(
  connector: Connector,
  sources: TakenInline["sources"],
  { boundTo, secretBox }: { boundTo: string; secretBox: SecretBox },
): Promise<readonly NamedSource[]> {
  return allInOrder(
    Object.entries(sources).map(async ([name, properties]): Promise<NamedSource> => {
      return {
        name,
        source: await sealProperties(connector, properties, { boundTo: `${boundTo}/${name}`, secretBox }),
      };
    }),
  );
}
