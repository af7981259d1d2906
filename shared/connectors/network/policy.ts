import { BlockList, isIP } from "node:net";
import { UserError } from "../../model/errors.js";
import { embeddedIpv4 } from "./embedded-address.js";

/** Which addresses data sources may have. */
export interface NetworkPolicy {
  /**
   * Why a connection must not be made; null = it may.
   *
   * @param host  as the data source names it
   * @param address  the IP address that it stands for
   */
  refusal(host: string, address: string): string | null;
}

/** Never a data source: from there a function would read its neighbours' or its own credentials. */
const always: readonly (readonly [cidr: string, what: string])[] = [
  ["169.254.0.0/16", "a link-local address"],
  ["fe80::/10", "a link-local address"],
  ["100.100.100.200/32", "the cloud's metadata service"],
  ["fd00:ec2::254/128", "the cloud's metadata service"],
];

/** The function's own machine, where its runtime listens. Stage dev needs it: there everything is on loopback. */
const ownMachine: readonly (readonly [cidr: string, what: string])[] = [
  ["127.0.0.0/8", "the function's own machine"],
  ["0.0.0.0/8", "the function's own machine"],
  ["::1/128", "the function's own machine"],
  ["::/128", "the function's own machine"],
];

/**
 * Reads the policy from the environment. Metadata and link-local addresses are refused, and loopback in every stage but
 * dev; `SLUICE_NETWORK_DENY` adds to that. `SLUICE_NETWORK_ALLOW` makes exceptions: its CIDRs from everything, its host
 * suffixes only from `SLUICE_NETWORK_DENY`, since who owns a name decides where it points. To admit nothing but a list,
 * deny `0.0.0.0/0,::/0` and allow the list.
 *
 * @throws UserError CONFIG_INVALID for an entry that is neither an address, a CIDR nor a host suffix
 */
export function readPolicy(env: NodeJS.ProcessEnv): NetworkPolicy {
  const denied = parseList("SLUICE_NETWORK_DENY", env.SLUICE_NETWORK_DENY ?? "");
  const allowed = parseList("SLUICE_NETWORK_ALLOW", env.SLUICE_NETWORK_ALLOW ?? "");
  const builtIn = [...always, ...((env.SLUICE_STAGE || "dev") === "dev" ? [] : ownMachine)].map(([cidr, what]) => ({
    list: blockListOf([cidr]),
    what,
  }));
  return {
    refusal(host, address) {
      if (contains(allowed.addresses, address)) return null;
      const places = leadingTo(address);
      // Where a name leads inside the network is nothing that whoever writes a name may learn from us.
      const named = host.replace(/^\[|\]$/g, "") === address ? address : "its address";
      const found = builtIn.find(({ list }) => places.some((one) => contains(list, one)));
      if (found) return `${named} is ${found.what}`;
      if (isUnder(host, allowed.suffixes)) return null;
      if (places.some((one) => contains(denied.addresses, one))) return `${named} is in SLUICE_NETWORK_DENY`;
      return isUnder(host, denied.suffixes) ? `${host} is in SLUICE_NETWORK_DENY` : null;
    },
  };
}

interface EntryList {
  readonly addresses: BlockList;
  readonly suffixes: readonly string[];
}

function parseList(variable: string, text: string): EntryList {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const isName = (entry: string) => isIP(entry.split("/")[0] ?? "") === 0;
  for (const entry of entries) {
    if (isName(entry) ? /^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(entry) : isCidr(entry)) continue;
    throw new UserError("CONFIG_INVALID", `${variable}: "${entry}" is no address, CIDR or host suffix`, {
      path: variable,
    });
  }
  const suffixes = entries.filter(isName).map((entry) => entry.replace(/^\./, "").toLowerCase());
  return { addresses: blockListOf(entries.filter((entry) => !isName(entry))), suffixes };
}

function isCidr(entry: string): boolean {
  const [address = "", bits = "", ...more] = entry.split("/");
  if (more.length > 0) return false;
  return !entry.includes("/") || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 6 ? 128 : 32));
}

function blockListOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    const isV6 = isIP(address) === 6;
    list.addSubnet(address, Number(bits ?? (isV6 ? 128 : 32)), isV6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** The address, and the one that a translator or tunnel would take it to. */
function leadingTo(address: string): readonly string[] {
  const bare = address.replace(/%.*$/, "");
  const inside = embeddedIpv4(bare);
  return inside === null ? [bare] : [bare, inside];
}

/** IPv4 addresses written as IPv6 (`::ffff:a.b.c.d`) are looked up as IPv4 too. */
function contains(list: BlockList, address: string): boolean {
  const bare = address.replace(/%.*$/, "");
  return list.check(bare, isIP(bare) === 6 ? "ipv6" : "ipv4");
}

function isUnder(host: string, suffixes: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}
