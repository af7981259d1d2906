import { z } from "zod";
import { own } from "../../model/own.js";

/** A boolean parameter: `true`, `false` or either as text in any case, as published jobs write it. */
export const flag = z.preprocess(
  (value) =>
    typeof value === "string" ? (own({ true: true, false: false }, value.trim().toLowerCase()) ?? value) : value,
  z.boolean(),
);

/** Text that counts as absent when it is blank or null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => (text?.trim() ? text : undefined));

/** A delimiter: may be white space, but an empty one counts as absent. */
export const optionalDelimiter = z
  .string()
  .nullish()
  .transform((text) => (text ? decodeDelimiter(text) : undefined));

/** A whole number of at least 1, also as text. */
export const countingNumber = z.preprocess(
  (value) => (typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value),
  z.number().int().min(1),
);

/** A column index of at least 0, also as text. */
export const columnIndex = z.preprocess(
  (value) => (typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value),
  z.number().int().min(0),
);

/** Text, or a list of texts; a single one is promoted. Blank entries are refused. */
export const textList = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(z.string().trim().min(1)).min(1),
);

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f", "0": "\0", "\\": "\\" };

/**
 * Decodes a delimiter that was escaped once too often, such as the two characters `\t` or the six of `\u0001`;
 * anything else stays as it is.
 */
export function decodeDelimiter(text: string): string {
  if (text.length < 2) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (whole, long, short, letter) => {
    if (letter !== undefined) return escapes[letter] ?? whole;
    return String.fromCharCode(Number.parseInt(long ?? short, 16));
  });
}
