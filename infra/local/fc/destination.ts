import type { QueuedTask } from "./queue-rows.js";
import type { Ending } from "./retry.js";

/** What a destination record tells about: a request that ended, and where it ran. */
export interface EndedRequest {
  readonly job: QueuedTask;
  readonly ending: Ending;
  readonly event: Buffer;
  readonly functionArn: string;
  readonly nowMs: number;
}

const conditions = {
  succeeded: "Success",
  failed: "RetriesExhausted",
  expired: "EventAgeExceeded",
  stopped: "Stopped",
} as const satisfies Record<Ending["kind"], string>;

/**
 * The event that a destination function is given: field names as on FC's page "Result callback". The values of `condition`
 * are not verified against an account.
 */
export function destinationRecord({ job, ending, event, functionArn, nowMs }: EndedRequest): Buffer {
  const outcome = "outcome" in ending ? ending.outcome : null;
  const record = {
    timestamp: nowMs,
    requestContext: {
      requestId: job.id,
      functionArn,
      condition: conditions[ending.kind],
      approximateInvokeCount: job.attempt + (outcome ? 1 : 0),
    },
    requestPayload: event.toString(),
    responseContext: {
      statusCode: outcome ? 200 : 0,
      functionError: outcome && !outcome.ok ? outcome.errorType : "",
    },
    responsePayload: outcome?.payload.toString() ?? "",
  };
  return Buffer.from(JSON.stringify(record));
}
