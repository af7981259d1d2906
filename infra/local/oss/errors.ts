/** Status of every error code that the service gives. Source: OSS API reference, "Error responses". */
const statuses = {
  AccessDenied: 403,
  AuthorizationQueryParametersError: 400,
  BucketAlreadyExists: 409,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  FileAlreadyExists: 409,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidEncryptionAlgorithmError: 400,
  InvalidObjectName: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidSecurityToken: 403,
  InvalidURI: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingArgument: 400,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectNotAppendable: 409,
  PositionNotEqualToLength: 409,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  TooManyRequests: 429,
} as const satisfies Record<string, number>;

/** An error code of OSS. */
export type OssErrorCode = keyof typeof statuses;

interface OssErrorExtras {
  /** Further elements of the XML body, in order. */
  readonly details?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A refusal as OSS words it: code, message and, for some codes, further elements. Answered as XML with the code's status. */
export class OssError extends Error {
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: OssErrorCode,
    message: string,
    extras: OssErrorExtras = {},
  ) {
    super(message, { cause: extras.cause });
    this.name = "OssError";
    this.status = statuses[code];
    this.details = extras.details ?? {};
    this.headers = extras.headers ?? {};
  }
}

/** A request parameter or header has a value that OSS does not accept. */
export function invalidArgument(name: string, value: string, message: string): OssError {
  return new OssError("InvalidArgument", message, { details: { ArgumentName: name, ArgumentValue: value } });
}
