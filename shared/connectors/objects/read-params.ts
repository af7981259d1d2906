import { z } from "zod";
import { formatOf } from "../file/format/formats.js";
import { fileReadShape } from "../file/read-shape.js";
import { dataSource, flag, idle, requiredTexts } from "../params/fields.js";
import { partsOrIssues } from "../params/parts-or-issues.js";
import { refuseLongNames } from "./key-length.js";

/** Parses the parameters of a reader of files. */
export const objectReadSchema = z
  .object({
    datasource: dataSource(),
    object: requiredTexts({ help: "Names of objects; * stands for any characters, ? for one." }),
    ...fileReadShape,
    successOnNoObject: flag({
      help: "No object of such a name is a run without records, not a failure.",
      default: false,
    }),
    enableInnerSplit: flag({ help: "Large objects are cut, where their format allows it.", default: true }),
    balanceThreshold: idle(),
  })
  .superRefine((params, context) => {
    partsOrIssues(context, { format: () => formatOf(params.fileFormat).reading(params, null) });
  })
  .superRefine(refuseLongNames);

/** Parameters of a reader of files. */
export type ObjectReadParams = z.infer<typeof objectReadSchema>;
