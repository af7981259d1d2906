import { z } from "zod";
import { fileReadKeys, fileReadShape, readFormat } from "../file/read-format.js";
import { flag, textList } from "../file/scalars.js";
import { partsOrIssues } from "../sql/step-fields.js";

/** Parses the parameters of a reader of files. */
export const readSchema = z
  .object({
    ...fileReadShape,
    object: textList,
    successOnNoObject: flag.default(false),
    enableInnerSplit: flag.default(true),
  })
  .superRefine((params, context) => {
    partsOrIssues(context, { format: () => readFormat(params) });
  });

/** Parameters of a reader of files. */
export type ReadParams = z.infer<typeof readSchema>;

/** All keys that such a reader knows; one is accepted for the sake of published jobs and changes nothing. */
export const readKeys: readonly string[] = [
  ...["datasource", "object", ...fileReadKeys, "successOnNoObject", "enableInnerSplit", "balanceThreshold"],
];
