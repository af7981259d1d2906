import { z } from "zod";

/** Longest name that anything of ours has, in characters. */
export const NAME_CHARS = 200;
/** In characters: a certificate chain, a list of addresses. */
const VALUE_CHARS = 65_536;
const MOST_ENTRIES = 200;

/** A name: of a job, a data source, a type, a tag. */
export function nameText(error?: string) {
  return z
    .string(error === undefined ? {} : { error: (issue) => (issue.code === "invalid_type" ? error : undefined) })
    .max(NAME_CHARS);
}

/**
 * Adds an issue for every name or text in a value, however deep, that is longer than anything that is meant; and for more
 * entries than anybody needs.
 *
 * @param what  of what there may be so many, such as `parameters`
 */
export function refuseExcess(what: string) {
  return (value: unknown, context: z.core.$RefinementCtx): void => {
    const refuse = (path: PropertyKey[], message: string) =>
      void context.issues.push({ code: "custom", path, message, input: undefined });
    const visit = (one: unknown, path: PropertyKey[]): void => {
      if (typeof one === "string" && one.length > VALUE_CHARS)
        refuse(path, `expected at most ${VALUE_CHARS} characters, not ${one.length}`);
      if (typeof one !== "object" || one === null) return;
      const entries = Object.entries(one);
      if (entries.length > MOST_ENTRIES)
        refuse(path, `expected at most ${MOST_ENTRIES} ${what}, not ${entries.length}`);
      for (const [name, inner] of entries.slice(0, MOST_ENTRIES)) {
        if (name.length > NAME_CHARS)
          refuse(path, `"${name.slice(0, 60)}…": expected a name of at most ${NAME_CHARS} characters`);
        else visit(inner, [...path, name]);
      }
    };
    visit(value, []);
  };
}

/** More significant digits than this may be another number's: a JSON number is a double by the time that it is parsed. */
const EXACT_DIGITS = 15;

/**
 * Adds an issue for every number in a value, however deep, that may not be the one that was sent: too many digits, or beyond what there
 * is.
 *
 * @param instead  what to send in its place
 */
export function refuseInexact(instead: string) {
  return (value: unknown, context: z.core.$RefinementCtx): void => {
    const visit = (one: unknown, path: PropertyKey[]): void => {
      if (typeof one === "number" && !isExact(one)) {
        const message = `expected a number of at most ${EXACT_DIGITS} digits; seen ${one}, of which digits may be lost: ${instead}`;
        context.issues.push({ code: "custom", path, message, input: undefined });
      }
      if (typeof one !== "object" || one === null) return;
      for (const [name, inner] of Object.entries(one)) visit(inner, [...path, name]);
    };
    visit(value, []);
  };
}

function isExact(value: number): boolean {
  const plain = /^-?(\d+)(?:\.(\d+))?$/.exec(String(value));
  return plain !== null && `${plain[1]}${plain[2] ?? ""}`.replace(/^0+/, "").length <= EXACT_DIGITS;
}
