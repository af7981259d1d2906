import { isIP } from "node:net";

/** Where translators and tunnels put an IPv4 address into an IPv6 one: two of its eight groups. */
const places: readonly { readonly fits: (groups: readonly number[]) => boolean; readonly at: number }[] = [
  // IPv4-compatible (RFC 4291, 2.5.5.1).
  { fits: (groups) => groups.slice(0, 6).every((group) => group === 0), at: 6 },
  // IPv4-translated (RFC 2765).
  { fits: ([a, b, c, d, e, f]) => !a && !b && !c && !d && e === 0xffff && f === 0, at: 6 },
  // NAT64, the well-known prefix (RFC 6052) and the local one (RFC 8215).
  { fits: ([a, b, ...rest]) => a === 0x64 && b === 0xff9b && rest.slice(0, 4).every((group) => group === 0), at: 6 },
  { fits: ([a, b, c]) => a === 0x64 && b === 0xff9b && c === 1, at: 6 },
  // 6to4 (RFC 3056).
  { fits: ([a]) => a === 0x2002, at: 1 },
  // ISATAP (RFC 5214).
  { fits: ([, , , , e, f]) => (e === 0 || e === 0x200) && f === 0x5efe, at: 6 },
];

/**
 * The IPv4 address that an IPv6 one may lead to on its way through a translator or tunnel; null = none. Those written as
 * `::ffff:a.b.c.d` are not meant: they are IPv4 addresses.
 *
 * @param address  without a zone
 */
export function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const groups = groupsOf(address);
  const place = places.find(({ fits }) => fits(groups));
  if (!place) return null;
  const [high = 0, low = 0] = groups.slice(place.at);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL parser writes all spellings alike, the last part in dots too.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = "", right = ""] = plain.split("::");
  const numbers = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(left), numbers(right)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
