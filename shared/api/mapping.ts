import { z } from "zod";
import { type MappingReport, mappingVerdicts, type RecordPreview } from "../model/mapping.js";
import { warningAnswer } from "./reports.js";

const mappedSide = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean().nullable().describe("Null = unknown"),
  isKey: z.boolean().nullable(),
});

/** The columns of both sides of a job, side by side. */
export const mappingAnswer = z
  .object({
    columns: z.array(
      z.object({
        from: mappedSide.nullable().describe("Null = the writer has more columns"),
        to: mappedSide.nullable().describe("Null = the reader has more columns"),
        verdict: z.enum(mappingVerdicts),
        reasons: z.array(z.string()),
      }),
    ),
    width: z.object({ reader: z.int(), writer: z.int().nullable().describe("Null = it takes any") }),
    problems: z.array(z.string()),
    warnings: z.array(warningAnswer),
  })
  .meta({ id: "Mapping" }) satisfies z.ZodType<MappingReport>;

/** The first records of a job as they would arrive. */
export const previewAnswer = z
  .object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    records: z.array(
      z.object({
        cells: z.array(z.union([z.string(), z.null(), z.object({ base64: z.string() })])),
        dirty: z
          .object({
            side: z.enum(["reader", "writer"]),
            reason: z.string(),
            message: z.string(),
            column: z.string().nullable(),
          })
          .nullable()
          .describe("Why the record would not arrive; its cells are as they were read then"),
        text: z.string().nullable().describe("The line of the file that it becomes"),
      }),
    ),
    isAll: z.boolean().describe("The source has no more than these"),
    warnings: z.array(warningAnswer),
  })
  .meta({ id: "RecordPreview" }) satisfies z.ZodType<RecordPreview>;
