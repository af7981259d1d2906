/** HTTP status of the codes that this service answers. Source: MaxCompute documentation, "Error codes"; PyODPS and Java SDK. */
const statuses = {
  "ODPS-0410001": 400,
  "ODPS-0410031": 400,
  "ODPS-0410042": 401,
  "ODPS-0410051": 401,
  "ODPS-0420031": 400,
  "ODPS-0420061": 400,
  "ODPS-0420111": 404,
  AlreadyExists: 409,
  CorruptedDataStream: 400,
  FlowExceeded: 429,
  InConsistentBlockList: 400,
  InstanceTypeNotSupported: 400,
  InternalServerError: 500,
  InvalidBlockID: 400,
  InvalidColumnSpec: 400,
  InvalidPartitionSpec: 400,
  InvalidResourceSpec: 400,
  InvalidRowRange: 400,
  InvalidState: 400,
  MalformedDataStream: 400,
  MethodNotAllowed: 405,
  MissingPartitionSpec: 400,
  NoSuchDownload: 404,
  NoSuchObject: 404,
  NoSuchPartition: 404,
  NoSuchTable: 404,
  NoSuchUpload: 404,
  ServiceUnavailable: 503,
  StatusConflict: 409,
  TableModified: 400,
  Unauthorized: 401,
  UnsupportedEncoding: 415,
} as const satisfies Record<string, number>;

/** An error code of MaxCompute: a name, or `ODPS-` with a number. */
export type OdpsErrorCode = keyof typeof statuses;

/** A refusal as MaxCompute words it: XML from the REST interface, JSON from the tunnel. */
export class OdpsError extends Error {
  readonly status: number;

  constructor(
    readonly code: OdpsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "OdpsError";
    this.status = statuses[code];
  }
}

/** An SQL statement that failed: the instance ends, its task has the text as its result. */
export class SqlFailure extends Error {
  /** @param code  such as `0130131` */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`ODPS-${code}:${message}`);
    this.name = "SqlFailure";
  }
}

/** What this service's SQL does not have, by its name. */
export function notHere(what: string): SqlFailure {
  return new SqlFailure("0130161", `Parse exception - the local MaxCompute has no ${what}`);
}
