import { OssError } from "./errors.js";
import type { ObjectRow } from "./rows.js";

/** The state of an object that conditions look at. */
type State = Pick<ObjectRow, "eTag" | "modified">;

/**
 * Checks If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since. A date that cannot be read does not count.
 *
 * @param prefix put before the names: `x-oss-copy-source-` for the source of a copy
 * @throws OssError PreconditionFailed (412) or NotModified (304)
 */
export function checkConditions(headers: Readonly<Record<string, string>>, state: State, prefix = ""): void {
  const of = (name: string): string | undefined => headers[prefix + name];
  const match = of("if-match");
  const noneMatch = of("if-none-match");
  const since = Date.parse(of("if-modified-since") ?? "");
  const until = Date.parse(of("if-unmodified-since") ?? "");
  if (match !== undefined && !names(match, state.eTag)) throw failed("If-Match");
  if (!Number.isNaN(until) && state.modified > until) throw failed("If-Unmodified-Since");
  if (noneMatch !== undefined && names(noneMatch, state.eTag)) throw unchanged(state);
  if (!Number.isNaN(since) && state.modified <= since) throw unchanged(state);
}

function names(list: string, eTag: string): boolean {
  return list
    .split(",")
    .map((one) => one.trim().replace(/^"|"$/g, ""))
    .some((one) => one === "*" || one.toUpperCase() === eTag.toUpperCase());
}

function failed(condition: string): OssError {
  return new OssError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold.", {
    details: { Condition: condition },
  });
}

function unchanged({ eTag, modified }: State): OssError {
  return new OssError("NotModified", "The object was not modified.", {
    headers: { etag: `"${eTag}"`, "last-modified": new Date(modified).toUTCString() },
  });
}
