/**
 * The IANA name of a time zone as scripts write it: `Asia/Shanghai` in any case, `UTC`, or a whole-hour offset such as
 * `GMT+8` or `+08:00`. Undefined when there is no such zone; `CST` and its like are none, because they are ambiguous.
 */
export function timeZoneName(text: string): string | undefined {
  const offset = /^(?:GMT|UTC)?([+-])0?(\d{1,2})(?::?00)?$/i.exec(text);
  // POSIX counts these names westward, hence the turned sign.
  if (offset) return known(Number(offset[2]) === 0 ? "UTC" : `Etc/GMT${offset[1] === "+" ? "-" : "+"}${offset[2]}`);
  return /^(?:UTC|GMT|Z|[A-Za-z_]+\/[\w/+-]+)$/i.test(text)
    ? known(text.toUpperCase() === "Z" ? "UTC" : text)
    : undefined;
}

function known(name: string): string | undefined {
  try {
    const resolved = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return resolved;
  } catch {
    return undefined;
  }
}
