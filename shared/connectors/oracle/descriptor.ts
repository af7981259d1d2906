import type { UrlParts } from "../network/database-source.js";

/** A parameter of a connect descriptor: its name, and a value or more parameters. */
interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly inner: readonly Parameter[];
}

/** What a connect descriptor says. */
export interface Descriptor extends UrlParts {
  readonly isSid: boolean;
}

/**
 * Parses a connect descriptor, `(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=…)(ADDRESS=…))(CONNECT_DATA=(SERVICE_NAME=…)))`: all its addresses
 * in order (Oracle, "Net Services Reference", chapter "Local Naming Parameters"). Balancing and fail-over are ours: one address after the other.
 *
 * @throws Error that does not repeat it
 */
export function parseDescriptor(text: string): Descriptor {
  const all = flattened(parametersOf(text));
  const addresses = all.filter(({ name }) => name === "address").map(addressOf);
  const sid = paramOf(all, "sid");
  const database = paramOf(all, "service_name") ?? sid;
  if (addresses.length === 0) throw new Error("has no ADDRESS in its descriptor");
  if (database === undefined) throw new Error("has neither SERVICE_NAME nor SID in its descriptor");
  const protocols = new Set(addresses.map(({ protocol }) => protocol));
  const [protocol = "tcp"] = protocols;
  if (protocols.size > 1 || !/^tcps?$/.test(protocol))
    throw new Error("has addresses of other protocols than TCP, or of TCP and TCPS side by side");
  const address = addresses.map(({ host, port }) => ({ host, port }));
  return { address, database, options: { protocol }, isSid: paramOf(all, "service_name") === undefined };
}

function addressOf({ inner }: Parameter) {
  const host = paramOf(inner, "host") ?? "";
  const port = Number(paramOf(inner, "port") ?? 1521);
  if (host === "" || !(port >= 1 && port <= 65_535)) throw new Error("has no valid host and port");
  return { host, port, protocol: (paramOf(inner, "protocol") ?? "tcp").toLowerCase() };
}

function paramOf(parameters: readonly Parameter[], wanted: string): string | undefined {
  return parameters.find(({ name, value }) => name === wanted && value !== "")?.value;
}

function flattened(parameters: readonly Parameter[]): Parameter[] {
  return parameters.flatMap((one) => [one, ...flattened(one.inner)]);
}

/** Deeper than any descriptor is. */
const DEEPEST = 12;

function parametersOf(text: string): Parameter[] {
  let at = 0;
  const found = list(0);
  if (found.length === 0 || text.slice(at).trim() !== "")
    throw new Error("has a descriptor whose parentheses do not match");
  return found;

  function list(depth: number): Parameter[] {
    if (depth > DEEPEST) throw new Error("has a descriptor that is too deep");
    const parameters: Parameter[] = [];
    for (let open = match(/\s*\(\s*([\w.]+)\s*=\s*/y); open; open = match(/\s*\(\s*([\w.]+)\s*=\s*/y)) {
      const inner = list(depth + 1);
      const value = inner.length > 0 ? "" : (match(/[^()=]*/y)?.[0] ?? "").trim();
      if (!match(/\s*\)/y)) throw new Error("has a descriptor whose parentheses do not match");
      parameters.push({ name: (open[1] ?? "").toLowerCase(), value, inner });
    }
    return parameters;
  }

  function match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  }
}
