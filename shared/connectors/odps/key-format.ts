import { z } from "zod";
import type { ParameterAdvice } from "../../model/job.js";
import { adviceOnPatterns, refusePattern } from "../params/date-format.js";
import { requiredText, text } from "../params/fields.js";

/** An entry of `partitionColumnMapping`. */
export const keyFormatSchema = z.strictObject({
  name: requiredText({ help: "Name of the key." }),
  srcDateFormat: text({
    help: "How text of the source writes the date, such as yyyy-MM-dd HH:mm:ss; without it the usual ways are tried.",
  }).superRefine(refuseOddPattern),
  dateFormat: requiredText({ help: "How the partition's name writes it, such as yyyyMMdd." }).superRefine(
    refuseOddPattern,
  ),
});

/** How dates become values of one key. */
export type KeyFormat = z.infer<typeof keyFormatSchema>;

function refuseOddPattern(pattern: string | null, context: z.RefinementCtx): void {
  refusePattern(pattern ?? undefined, [], context);
}

/** Refuses keys that are named twice. */
export function refuseSameKeys(formats: readonly KeyFormat[], context: z.RefinementCtx): void {
  const names = formats.map(({ name }) => name.toLowerCase());
  for (const [at, { name }] of formats.entries()) {
    const isTwice = names.indexOf(name.toLowerCase()) < at;
    if (isTwice) context.addIssue({ code: "custom", path: [at, "name"], message: `${name} is named twice` });
  }
}

/** What is likely mistaken in the date patterns of the keys. */
export function adviceOnKeyFormats({
  partitionColumnMapping,
}: {
  readonly partitionColumnMapping: readonly KeyFormat[];
}): readonly ParameterAdvice[] {
  return adviceOnPatterns(
    partitionColumnMapping.flatMap(({ srcDateFormat, dateFormat }, at) => [
      [`partitionColumnMapping[${at}].srcDateFormat`, srcDateFormat ?? undefined] as const,
      [`partitionColumnMapping[${at}].dateFormat`, dateFormat] as const,
    ]),
  );
}
