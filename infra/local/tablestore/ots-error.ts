/** Status of each error code that this service raises (Tablestore documentation, "Error codes"). */
export const errorStatus = {
  OTSParameterInvalid: 400,
  OTSInvalidPK: 400,
  OTSOutOfColumnCountLimit: 400,
  OTSOutOfRowSizeLimit: 400,
  OTSOutOfTransactionDataSizeLimit: 400,
  OTSSessionNotExist: 400,
  OTSAuthFailed: 403,
  OTSConditionCheckFail: 403,
  OTSQuotaExhausted: 403,
  OTSObjectNotExist: 404,
  OTSMethodNotAllowed: 405,
  OTSObjectAlreadyExist: 409,
  OTSRowOperationConflict: 409,
  OTSRequestBodyTooLarge: 413,
  OTSOperationThrottled: 429,
  OTSInternalServerError: 500,
  OTSServerBusy: 503,
} as const;

/** Name of an error as clients see it. */
export type OtsCode = keyof typeof errorStatus;

/** An answer other than success: for the whole call, or for one row of a batch. */
export class OtsError extends Error {
  constructor(
    readonly code: OtsCode,
    message: string,
  ) {
    super(message);
    this.name = code;
  }

  /** HTTP status that goes with the code. */
  get status(): number {
    return errorStatus[this.code];
  }
}

/** The request breaks a rule of the interface. */
export function invalid(message: string): OtsError {
  return new OtsError("OTSParameterInvalid", message);
}
