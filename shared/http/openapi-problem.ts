import { z } from "zod";

/** JSON schema of a refusal or failure: RFC 9457, with our members. */
export const problemSchema = z.toJSONSchema(
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
    recovery: z.enum(["fix", "retry", "report"]),
    path: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    issues: z.array(z.record(z.string(), z.unknown())).optional(),
    requestId: z.string(),
  }),
  { io: "output" },
) as Record<string, unknown>;
