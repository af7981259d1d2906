import { z } from "zod";
import { refusePattern } from "../params/date-format.js";
import { delimiter } from "../params/delimiter.js";
import { flag, text, untrimmedText, verbatim } from "../params/fields.js";
import { param } from "../params/note.js";
import { compression, encodingName, fileFormat } from "./read-shape.js";

/** The parameters of a file writer that say what its files look like; a connector adds its own. */
export const fileWriteShape = {
  fileFormat,
  fieldDelimiter: delimiter({ help: "What stands between cells; without it a comma." }),
  lineDelimiter: delimiter({ help: "What ends a line; without it a line feed." }),
  encoding: encodingName,
  nullFormat: verbatim({ help: "The text that is written for null; without it an empty cell." }),
  dateFormat: untrimmedText({
    help: "How dates are written, such as yyyy-MM-dd HH:mm:ss; without it with all the digits they have.",
  }).superRefine((pattern, context) => refusePattern(pattern ?? undefined, [], context)),
  header: param(
    z.preprocess(
      (value) => (typeof value === "string" && value !== "" ? [value] : value || undefined),
      z.array(z.string()).optional(),
    ),
    { help: "The cells of the first line of every file." },
  ),
  writeHeader: flag({ help: "The first line of every file has the names of the reader's columns.", default: false }),
  compress: compression,
  byteEncoding: text({ help: "base64: bytes are written so; without it as text." }),
};

/** Parameters that say what files are to look like. */
export type FileWriteParams = z.infer<z.ZodObject<typeof fileWriteShape>>;
