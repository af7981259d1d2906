import { z } from "zod";

/** Where something in a job script stands. */
const place = {
  path: z.string().exactOptional().describe("The field at fault"),
  line: z.int().exactOptional(),
  column: z.int().exactOptional(),
};

/** One problem of a job script, or one job that a change would break. */
const problemIssue = z.looseObject({ message: z.string(), ...place });

/** A refusal or failure: RFC 9457, with our members. */
export const problemAnswer = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe("Stable, see docs/errors.md"),
  hint: z.string().describe("What to do"),
  recovery: z.enum(["fix", "retry", "report"]),
  ...place,
  issues: z.array(problemIssue).exactOptional(),
  requestId: z.string(),
});

type ProblemText = z.output<typeof problemAnswer>;

/** One of the `issues` of a problem. */
export type ProblemIssue = Readonly<Pick<z.output<typeof problemIssue>, "message" | keyof typeof place>>;

/** What a client takes of an error answer. */
export type Problem = Readonly<
  Pick<ProblemText, "status" | "title" | "detail" | "code" | "hint" | keyof typeof place> &
    Partial<Pick<ProblemText, "requestId">>
> & { readonly issues?: readonly ProblemIssue[] };
