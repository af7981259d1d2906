import type { Job } from "../../model/job.js";
import type { JsonObject } from "../../model/json.js";
import { printJob } from "./print-job.js";

/** One side of a template: a connector's name and its own template parameter. */
export interface TemplateSide {
  readonly type: string;
  readonly parameter: JsonObject;
}

/** A script a user can copy: DataWorks 2.0, no dirty records allowed, two shards at once, no speed limit. */
export function templateJob(reader: TemplateSide, writer: TemplateSide): string {
  const job: Job = {
    reader: { ...reader, name: "Reader", path: "steps[0].parameter" },
    writer: { ...writer, name: "Writer", path: "steps[1].parameter" },
    setting: {
      errorLimit: { record: 0, percentage: null },
      concurrent: 2,
      throttle: { bytesPerSecond: null, recordsPerSecond: null },
      exactlyOnce: "auto",
      timeZone: null,
    },
    format: "dataworks-2.0",
    carried: {},
  };
  return printJob(job);
}
