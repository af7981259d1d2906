import type { IncomingMessage } from "node:http";
import { OssError } from "./errors.js";

/** One `name=value` of a query, decoded. `bare` = it stood there without an equals sign. */
export interface QueryPart {
  readonly name: string;
  readonly value: string;
  readonly bare: boolean;
}

/** A request as it came over the wire, before anybody knows which bucket it means. */
export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: readonly QueryPart[];
  /** Lower-case names; values as Node gives them, one character per byte. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request may mean: a bucket host names the bucket, else the path's first segment does. */
export interface WireReading {
  readonly bucket: string | null;
  readonly key: string | null;
}

/**
 * Reads method, path, query and headers.
 *
 * @throws OssError InvalidURI when the query is not valid percent-encoding
 */
export function readWire(request: IncomingMessage): WireRequest {
  const target = request.url ?? "/";
  const cut = target.indexOf("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return {
    method: request.method ?? "GET",
    path: cut < 0 ? target : target.slice(0, cut),
    query: cut < 0 ? [] : parseOssQuery(target.slice(cut + 1)),
    headers,
  };
}

/** Splits and decodes a query string, keeping order and repeats. */
export function parseOssQuery(text: string): QueryPart[] {
  return text
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const cut = part.indexOf("=");
      const bare = cut < 0;
      return {
        name: decode(bare ? part : part.slice(0, cut), { plusIsSpace: true }),
        value: bare ? "" : decode(part.slice(cut + 1), { plusIsSpace: true }),
        bare,
      };
    });
}

/**
 * The readings of host and path, the likelier first. An IP address or `localhost` as host leaves only the path;
 * a client of an IP endpoint may send a bucket host together with a path that holds the bucket too, so that only the signature can tell.
 */
export function readingsOf(host: string | undefined, path: string): readonly [WireReading, ...WireReading[]] {
  const byPath = pathReading(path);
  const name = (host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!name.includes(".") || /^[\d.]+$/.test(name) || name.startsWith("[")) return [byPath];
  const label = name.slice(0, name.indexOf("."));
  // A client without a bucket, aimed at an IP address, writes nothing or "undefined" in front of the service's host name.
  if (label === "" || label === "undefined" || label === "null") return [byPath];
  const key = decode(path.replace(/^\//, ""));
  return [{ bucket: label, key: key === "" ? null : key }, byPath];
}

function pathReading(path: string): WireReading {
  const [bucket = "", ...rest] = path.replace(/^\//, "").split("/");
  const key = decode(rest.join("/"));
  return { bucket: bucket === "" ? null : decode(bucket), key: key === "" ? null : key };
}

/** A header's value as UTF-8 text: Node hands out one character per byte. Bytes that are no UTF-8 stay as they came. */
export function headerText(value: string): string {
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? value : text;
}

function decode(text: string, { plusIsSpace = false }: { plusIsSpace?: boolean | undefined } = {}): string {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll("+", " ") : text);
  } catch (cause) {
    throw new OssError("InvalidURI", "Couldn't parse the specified URI.", { cause });
  }
}
