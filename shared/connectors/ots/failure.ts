import { InternalError, type SluiceError, TransientError, UserError } from "../../model/errors.js";
import { tablestoreMeaning } from "../../platform/tablestore-errors.js";

/** One failed call, decoded: the SDK hands over the status number and the undecoded body. */
export class OtsFailure extends Error {
  constructor(
    /** Tablestore's own code such as `OTSServerBusy`, or the SDK's `NetworkingError` and `TimeoutError`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "OtsFailure";
  }
}

/** True when the same call may succeed later; whether it was carried out is unknown for some. */
export function isPassingOts(code: string): boolean {
  return tablestoreMeaning(code) === "passes" || isNetwork(code);
}

/** True when a call failed because of one of its rows, so that the others may be sent without it. */
export function isOfRows(code: string): boolean {
  return tablestoreMeaning(code) === "row";
}

/** True when the server was not reached, or did not answer. */
export function isNetwork(code: string): boolean {
  return code === "NetworkingError" || code === "TimeoutError";
}

/** In characters; Tablestore says far less, and what else answers at its address may say anything. */
const LONGEST_ANSWER = 4_000;

/**
 * Decodes what the SDK threw.
 *
 * A refused call arrives as the protobuf bytes of (code, message) read as text: newline, length, code, 0x12, length,
 * message; the SDK appends the request id. A length above 127 is two bytes, of which the first is no UTF-8.
 */
export function otsFailureOf(thrown: unknown): OtsFailure {
  if (thrown instanceof OtsFailure) return thrown;
  const { code, message } = thrown as { code?: unknown; message?: unknown }; // the SDK throws errors of no declared shape
  const text = String(message ?? thrown).slice(0, LONGEST_ANSWER);
  if (typeof code === "string" && isNetwork(code)) return new OtsFailure(code, text, { cause: thrown });
  const found = /(OTS[A-Za-z]+)(?:[^A-Za-z ](?:\ufffd[\s\S]|[\s\S])([\s\S]*?))?(?: requestId:([\w-]*))?$/.exec(text);
  if (!found) return new OtsFailure("", text, { cause: thrown });
  const [, name = "", said = "", requestId = ""] = found;
  const detail = [said.trim(), requestId && `(request ${requestId})`].filter(Boolean).join(" ");
  return new OtsFailure(name, detail, { cause: thrown });
}

/** Maps a failure to what the user can do about it. `subject` names the table or instance. */
export function otsFailure(failure: OtsFailure, subject: string): SluiceError {
  const { code } = failure;
  const message = `${subject}: ${code ? `${code}: ` : ""}${failure.message}`;
  const options = { cause: failure };
  if (isNetwork(code)) return new TransientError("SOURCE_UNREACHABLE", message, options);
  if (isPassingOts(code)) return new TransientError("SOURCE_BUSY", message, options);
  const meaning = tablestoreMeaning(code);
  if (meaning === "access") return new UserError("ACCESS_DENIED", message, options);
  if (meaning === "missing") return new UserError("SOURCE_OBJECT_MISSING", message, options);
  if (code !== "") return new UserError("SOURCE_REFUSED", message, options);
  return new InternalError("INTERNAL", message, options);
}
