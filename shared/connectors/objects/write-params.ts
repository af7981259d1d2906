import { z } from "zod";
import { own } from "../../model/own.js";
import { isGzip } from "../file/read-format.js";
import { countingNumber, flag, optionalText } from "../file/scalars.js";
import { fileWriteKeys, fileWriteShape, writeFormat } from "../file/write-format.js";
import { partsOrIssues } from "../sql/step-fields.js";

const writeModes = { truncate: "truncate", append: "append", nonconflict: "nonConflict" } as const;

const writeMode = z.preprocess(
  (value) => (typeof value === "string" ? (own(writeModes, value.trim().toLowerCase()) ?? value) : value),
  z.enum(["truncate", "append", "nonConflict"]).default("truncate"),
);

/** Parses the parameters of a writer of files. */
export const writeSchema = z
  .object({
    ...fileWriteShape,
    object: z
      .string()
      .trim()
      .transform((name) => name.replace(/^\/+/, ""))
      .refine((name) => name !== "", "required: the name, or what all names begin with"),
    writeMode,
    writeSingleObject: flag.default(false),
    /** In MB. */
    maxFileSize: countingNumber.default(10_000),
    suffix: optionalText,
    generateEmptyFile: flag.default(true),
  })
  .superRefine((params, context) => {
    const { writeSingleObject, writeMode: mode, compress } = params;
    // Columns and zone have no part in what can be refused here.
    partsOrIssues(context, { format: () => writeFormat(params, [], null) });
    if (!writeSingleObject) return;
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (mode === "append")
      refuse("writeMode", "append is not possible with writeSingleObject; use truncate or nonConflict");
    if (isGzip(compress)) refuse("compress", "is not possible with writeSingleObject");
  });

/** Parameters of a writer of files. */
export type WriteParams = z.infer<typeof writeSchema>;

/** All keys that such a writer knows; some are accepted for the sake of published jobs and change nothing. */
export const writeKeys: readonly string[] = [
  ...["datasource", "object", "writeMode", "writeSingleObject", "maxFileSize", "suffix", "generateEmptyFile", "column"],
  ...fileWriteKeys,
  ...["ossBlockSize", "blockSizeInMB", "encrypt", "csvWriterConfig"],
];
