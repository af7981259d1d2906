import { offsetMs, type Zone } from "./zones.js";

/** The zone of a side: its name, and its offset at each instant. */
export interface LocalZone {
  readonly name: string;
  readonly offset: Zone;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Short names that Java knows and the ICU data of Node do not print, by the zone. */
const shortNames: readonly (readonly [zones: RegExp, names: Readonly<Record<number, string>>])[] = [
  [/^(Asia\/(Shanghai|Chongqing|Harbin|Macau|Taipei)|PRC)$/, { 8: "CST" }],
  [/^Asia\/Hong_Kong$/, { 8: "HKT" }],
  [/^Asia\/Tokyo$|^Japan$/, { 9: "JST" }],
  [/^Asia\/Seoul$/, { 9: "KST" }],
  [/^Europe\/Moscow$/, { 3: "MSK" }],
  [/^Europe\/(London|Belfast)$/, { 0: "GMT", 1: "BST" }],
  [/^Europe\/(Athens|Helsinki|Kiev|Kyiv|Bucharest|Sofia|Riga|Tallinn|Vilnius)$/, { 2: "EET", 3: "EEST" }],
  [
    /^Europe\/(Berlin|Paris|Madrid|Rome|Vienna|Zurich|Amsterdam|Brussels|Copenhagen|Stockholm|Oslo|Prague|Warsaw|Budapest|Belgrade|Zagreb)$/,
    { 1: "CET", 2: "CEST" },
  ],
];

/** Names that mean one offset everywhere, in hours; CST, IST and BST mean several and count in their own zone only. */
const plainNames: Readonly<Record<string, number>> = {
  ...{ EST: -5, EDT: -4, MST: -7, MDT: -6, PST: -8, PDT: -7 },
  ...{ WET: 0, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9, KST: 9, HKT: 8 },
};

/** The name of a zone at an instant (epoch ms) as Java writes it in English: `CST`, `EDT`, `GMT+08:00`, `China Standard Time`. */
export function zoneName({ name, offset }: LocalZone, instantMs: number, length: "long" | "short"): string {
  const ms = offset(instantMs);
  if (/^(UTC|GMT|Z)$/i.test(name)) return length === "long" ? "Coordinated Universal Time" : "UTC";
  if (offsetMs(name.replace(/^(?:GMT|UTC)/i, "")) !== null) return `GMT${zoneOffsetText(ms, ":")}`;
  const listed = shortNames.find(([zones]) => zones.test(name))?.[1][ms / HOUR_MS];
  if (listed !== undefined && length === "short") return listed;
  const listedName = intlName(name, instantMs, length);
  return /^(GMT|UTC)[+-]/.test(listedName) ? `GMT${zoneOffsetText(ms, ":")}` : listedName;
}

/** `+08:00`, or without the colon. */
export function zoneOffsetText(ms: number, colon: ":" | ""): string {
  const minutes = Math.abs(Math.trunc(ms / MINUTE_MS));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${ms < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${colon}${two(minutes % 60)}`;
}

/**
 * The offset that a zone's name stands for, at a local time.
 *
 * @param localMs  the local time as if it were UTC, epoch ms
 * @returns milliseconds; null for a name that is not known, or that means several zones and is not that of `own`
 */
export function offsetOfName(name: string, localMs: number, own: LocalZone): number | null {
  const around = [own.offset(localMs - 24 * HOUR_MS), own.offset(localMs + 24 * HOUR_MS)];
  const wanted = name.toLowerCase();
  for (const ms of around) {
    const names = (["short", "long"] as const).map((length) => zoneName(own, localMs - ms, length).toLowerCase());
    if (names.includes(wanted) && own.offset(localMs - ms) === ms) return ms;
  }
  // A side in China's zone carries its offset alone.
  if (/^(CST|China Standard Time)$/i.test(name) && around.every((ms) => ms === 8 * HOUR_MS)) return 8 * HOUR_MS;
  const hours = plainNames[name.toUpperCase()];
  return hours === undefined ? null : hours * HOUR_MS;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function intlName(timeZone: string, instantMs: number, timeZoneName: "short" | "long"): string {
  const key = `${timeZone} ${timeZoneName}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName });
    formats.set(key, format);
  }
  return format.formatToParts(instantMs).find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
}
