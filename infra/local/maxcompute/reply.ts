import { element, wrap } from "../oss/xml.js";
import type { OdpsError } from "./errors.js";

/** What an operation answers; the front adds request id and date. */
export interface OdpsReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Buffer>;
}

/** 200 with XML. */
export function odpsXmlReply(xml: string, headers: Readonly<Record<string, string>> = {}): OdpsReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body };
}

/** 200 with JSON. */
export function jsonReply(document: object, status = 200): OdpsReply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(document) };
}

/** An element around text that is shown as it is. */
export function cdata(name: string, text: string, attributes = ""): string {
  return `<${name}${attributes}><![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]></${name}>`;
}

/** A refusal, in the form of the interface that was called. */
export function odpsErrorReply(error: OdpsError, requestId: string, form: "rest" | "tunnel"): OdpsReply {
  const { code, message, status } = error;
  if (form === "tunnel") return jsonReply({ Code: code, Message: message, RequestId: requestId }, status);
  const xml = wrap(
    "Error",
    element("Code", { text: code }),
    cdata("Message", message),
    element("RequestId", { text: requestId }),
  );
  return { ...odpsXmlReply(xml), status };
}
