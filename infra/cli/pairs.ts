import { InvalidArgumentError } from "commander";

/** Collects repeated `name=value` options into one object; a later value wins. For commander's `argParser`. */
export function collectPairs(
  text: string,
  pairs: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`"${text}" is not of the form name=value.`);
  return { ...pairs, [text.slice(0, at).trim()]: text.slice(at + 1) };
}

/** Collects a repeated option into a list. For commander's `argParser`. */
export function collectList(text: string, list: readonly string[] = []): readonly string[] {
  return [...list, text];
}

/** Parses the number of a TCP port. For commander's `argParser`. */
export function portNumber(text: string): number {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("Give a port from 1 to 65535.");
  return port;
}

/** Parses a whole number from 1 on. For commander's `argParser`. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1 on.");
  return Number(text);
}
