import { z } from "zod";
import { formatOf } from "../file/format/formats.js";
import { isGzip } from "../file/read-shape.js";
import { fileWriteShape } from "../file/write-shape.js";
import { choice, countParam, dataSource, flag, idle, untrimmedText } from "../params/fields.js";
import { param } from "../params/note.js";
import { partsOrIssues } from "../params/parts-or-issues.js";
import { refuseLongParts } from "./key-length.js";

/** Parses the parameters of a writer of files. */
export const objectWriteSchema = z
  .object({
    datasource: dataSource(),
    object: param(
      z
        .string()
        .trim()
        .transform((name) => name.replace(/^\/+/, ""))
        .refine((name) => name !== "", "required: the name, or what all names begin with"),
      { help: "What the names of all objects begin with; with writeSingleObject the whole name." },
    ),
    writeMode: choice(["truncate", "append", "nonConflict"], {
      help: "What is there already under that name: truncate = goes away once the new objects are there, append = stays, nonConflict = ends the run.",
      default: "truncate",
    }),
    ...fileWriteShape,
    writeSingleObject: flag({ help: "One object, written by all shards together.", default: false }),
    maxFileSize: countParam({ help: "Size in MB at which the next object begins.", default: 10_000 }),
    suffix: untrimmedText({ help: "What names end with, such as .csv." }),
    generateEmptyFile: flag({ help: "A run without records leaves an object without records.", default: true }),
    column: idle("all columns of the reader are written"),
    ossBlockSize: idle(),
    blockSizeInMB: idle(),
    encrypt: idle(),
    csvWriterConfig: idle(),
  })
  .superRefine((params, context) => {
    const { writeSingleObject, writeMode: mode, compress } = params;
    // Columns and zone have no part in what can be refused here.
    const nothing = { columns: [], timeZone: null };
    partsOrIssues(context, { format: () => formatOf(params.fileFormat).writing(params, nothing) });
    if (!writeSingleObject) return;
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (mode === "append")
      refuse("writeMode", "append is not possible with writeSingleObject; use truncate or nonConflict");
    if (isGzip(compress)) refuse("compress", "is not possible with writeSingleObject");
  })
  .superRefine(refuseLongParts);

/** Parameters of a writer of files. */
export type ObjectWriteParams = z.infer<typeof objectWriteSchema>;
