import { UserError } from "../../model/errors.js";
import type { FileFrame, FileWriting } from "../file/format/format.js";
import type { ObjectWriteParams } from "./write-params.js";

/**
 * What stands around the records of a job's files.
 *
 * @throws UserError UNSUPPORTED for one object of all splits in a format whose files have an end
 */
export async function frameOf(
  writing: Pick<FileWriting, "frame">,
  { fileFormat, writeSingleObject }: Pick<ObjectWriteParams, "fileFormat" | "writeSingleObject">,
): Promise<FileFrame> {
  const frame = await writing.frame();
  if (!frame.end || !writeSingleObject) return frame;
  const message = `the end of a ${fileFormat} file tells what it holds, so splits cannot be joined to one object: leave writeSingleObject out`;
  throw new UserError("UNSUPPORTED", message, { path: "writeSingleObject" });
}
