import { z } from "zod";
import { type Note, param } from "./note.js";

/** A delimiter: may be white space, but an empty one counts as absent. What was escaped once too often is decoded. */
export function delimiter(note: Note & { readonly default: string }): z.ZodType<string>;
export function delimiter(note: Note): z.ZodType<string | undefined>;
export function delimiter(note: Note): z.ZodType<string | undefined> {
  const fallback = typeof note.default === "string" ? note.default : undefined;
  return param(
    z
      .string()
      .nullish()
      .transform((text) => (text ? decodeDelimiter(text) : fallback)),
    note,
  );
}

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
