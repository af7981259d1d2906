/**
 * What Tablestore's error codes mean for a call: `passes` = the same call may succeed a moment later; `row` = one of its rows
 * is at fault, not the call; `access` = key or grants; `missing` = there is no such table. Codes that are not here are
 * refusals of the call.
 *
 * Source: Alibaba Cloud Tablestore, "Error codes".
 */
export const tablestoreErrors = {
  OTSRowOperationConflict: "passes",
  OTSServerBusy: "passes",
  OTSNotEnoughCapacityUnit: "passes",
  OTSQuotaExhausted: "passes",
  OTSOperationThrottled: "passes",
  OTSTableNotReady: "passes",
  OTSPartitionUnavailable: "passes",
  OTSTimeout: "passes",
  OTSRequestTimeout: "passes",
  OTSInternalServerError: "passes",
  OTSServerUnavailable: "passes",
  OTSParameterInvalid: "row",
  OTSInvalidPK: "row",
  OTSOutOfColumnCountLimit: "row",
  OTSOutOfRowSizeLimit: "row",
  OTSRequestBodyTooLarge: "row",
  OTSConditionCheckFail: "row",
  OTSAuthFailed: "access",
  OTSNoPermissionAccess: "access",
  OTSObjectNotExist: "missing",
} as const satisfies Record<string, "passes" | "row" | "access" | "missing">;

/** What a code means, undefined when the table does not say. */
export function tablestoreMeaning(code: string): "passes" | "row" | "access" | "missing" | undefined {
  return Object.hasOwn(tablestoreErrors, code) ? tablestoreErrors[code as keyof typeof tablestoreErrors] : undefined;
}
