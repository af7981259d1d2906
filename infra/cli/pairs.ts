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

/** Parses a whole number from 1 on. For commander's `argParser`. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1 on.");
  return Number(text);
}
