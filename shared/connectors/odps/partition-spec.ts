import { UserError } from "../../model/errors.js";

/** One `key=value`; keys in lower case. */
export type SpecPart = readonly [key: string, value: string];

/**
 * Reads `pt=20150101,type=1`, also with `/` between the levels and with quotes around values.
 *
 * @throws UserError CONFIG_INVALID at `path`
 */
export function parsePartitionSpec(text: string, path = "partition"): SpecPart[] {
  const level = /\s*([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,/'"]*?))\s*(?:[,/]|$)/y;
  const found: SpecPart[] = [];
  while (level.lastIndex < text.length) {
    const match = level.exec(text);
    if (!match) {
      const message = `${path}: "${text}" is no partition; expected levels such as pt=20240101,hh=00`;
      throw new UserError("CONFIG_INVALID", message, { path });
    }
    found.push([(match[1] ?? "").toLowerCase(), match[2] ?? match[3] ?? match[4] ?? ""]);
  }
  return found;
}

/** As the tunnel takes it: no quotes, commas between the levels. */
export function tunnelSpec(parts: readonly SpecPart[]): string {
  return parts.map(([key, value]) => `${key}=${value}`).join(",");
}

/** As SQL takes it. */
export function sqlSpec(parts: readonly SpecPart[]): string {
  return parts.map(([key, value]) => `\`${key}\`=${sqlText(value)}`).join(", ");
}

/** A text in quotes. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/**
 * Puts the levels in the table's order.
 *
 * @throws UserError CONFIG_INVALID unless they are all keys of the table, down to the last
 */
export function leafSpec(parts: readonly SpecPart[], keys: readonly string[], title: string): SpecPart[] {
  const given = new Map(parts);
  const path = "partition";
  const levels = keys.join(", ") || "(none)";
  const odd = parts.find(([key]) => !keys.includes(key));
  if (odd)
    throw new UserError("CONFIG_INVALID", `${path}: ${title} is partitioned by ${levels}, not by ${odd[0]}`, { path });
  const missing = keys.find((key) => !given.has(key) || given.get(key) === "");
  if (missing !== undefined) {
    const message = `${path}: ${title} is partitioned by ${levels}: give a value for ${missing}, down to the last level`;
    throw new UserError("CONFIG_INVALID", message, { path });
  }
  return keys.map((key) => [key, given.get(key) ?? ""]);
}
