import { z } from "zod";
import type { ParameterAdvice } from "../../model/job.js";
import { adviceOnPatterns, refusePattern } from "../params/date-format.js";
import { requiredText, text } from "../params/fields.js";

/** An entry of `partitionColumnMapping`. */
export const keyFormatSchema = z.strictObject({
  name: requiredText({ help: "Name of the key." }),
  srcDateFormat: text({
    help: "How text of the source writes the date, such as yyyy-MM-dd HH:mm:ss; without it the usual ways are tried.",
  }),
  dateFormat: requiredText({ help: "How the partition's name writes it, such as yyyyMMdd." }),
});

/** How dates become values of one key. */
export type KeyFormat = z.infer<typeof keyFormatSchema>;

/** Refuses patterns that are none, and keys that are named twice. */
export function checkKeyFormats(formats: readonly KeyFormat[], context: z.RefinementCtx): void {
  const names = formats.map(({ name }) => name.toLowerCase());
  for (const [at, { name, srcDateFormat, dateFormat }] of formats.entries()) {
    const path = ["partitionColumnMapping", String(at)];
    refusePattern(srcDateFormat ?? undefined, [...path, "srcDateFormat"], context);
    refusePattern(dateFormat, [...path, "dateFormat"], context);
    const isTwice = names.indexOf(name.toLowerCase()) < at;
    if (isTwice) context.addIssue({ code: "custom", path: [...path, "name"], message: `${name} is named twice` });
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
