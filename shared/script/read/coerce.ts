import type { Json } from "../../model/json.js";
import { didYouMean } from "../text/nearest.js";
import { showValue } from "../text/show-value.js";
import { isPending, type Reading, report, type ScriptField } from "./reading.js";

/** What a scalar must be. */
interface Expected {
  /** Where a value that waits for a parameter is kept; null when something around it is kept anyway. */
  readonly canonicalPath: string | null;
  /** Such as "a positive integer, MB/s for the whole job". */
  readonly expected: string;
}

/**
 * An integer, as number or as text. Null when absent, blank, waiting for a parameter, or after an issue.
 *
 * @param rule.min    smallest value allowed
 * @param rule.blank  what a blank text means: absent (the default), or an issue
 */
export function integerField(
  reading: Reading,
  field: ScriptField | undefined,
  rule: Expected & { readonly min: number; readonly blank?: "refused" },
): number | null {
  if (!field || (isBlank(field.value) && rule.blank !== "refused")) return null;
  if (isPending(reading, field, rule.canonicalPath)) return null;
  const text = scalarText(field.value)?.trim() ?? "";
  const value = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value) && value >= rule.min) return value === 0 ? 0 : value;
  refuse(reading, field, rule.expected);
  return null;
}

/** A number between 0 and 1, as number or as text; null as for {@link integerField}. */
export function shareField(reading: Reading, field: ScriptField | undefined, rule: Expected): number | null {
  if (!field || isBlank(field.value) || isPending(reading, field, rule.canonicalPath)) return null;
  const text = scalarText(field.value)?.trim() ?? "";
  const value = Number(text);
  if (/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) && value >= 0 && value <= 1)
    return value === 0 ? 0 : value;
  refuse(reading, field, rule.expected);
  return null;
}

/** `true` or `false`, also as text in any case; null as for {@link integerField}. */
export function booleanField(reading: Reading, field: ScriptField | undefined, canonicalPath: string): boolean | null {
  if (!field || isBlank(field.value) || isPending(reading, field, canonicalPath)) return null;
  const text = scalarText(field.value)?.trim().toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  refuse(reading, field, "true or false");
  return null;
}

/** One of a few words, in any case; null as for {@link integerField}. */
export function wordField<W extends string>(
  reading: Reading,
  field: ScriptField | undefined,
  rule: { readonly canonicalPath: string; readonly words: readonly W[] },
): W | null {
  if (!field || isBlank(field.value) || isPending(reading, field, rule.canonicalPath)) return null;
  return fixedWordField(reading, field, rule.words);
}

/** One of a few words, in any case, where no placeholder may stand; null after an issue. */
export function fixedWordField<W extends string>(reading: Reading, field: ScriptField, words: readonly W[]): W | null {
  const text = scalarText(field.value)?.trim() ?? "";
  const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (word === undefined) {
    const message = `expected ${oneOf(words)}; seen ${showValue(field.value, field.path)}${didYouMean(text, words)}`;
    report(reading, field.path, { message });
  }
  return word ?? null;
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** Whether a value is a text of blanks only, which counts as absent. */
export function isBlank(value: Json): boolean {
  return typeof value === "string" && value.trim() === "";
}

function refuse(reading: Reading, { value, path }: ScriptField, expected: string): void {
  report(reading, path, { message: `expected ${expected}; seen ${showValue(value, path)}` });
}

/** Scalars are read through their text, so that `"5"` and `5` are the same. */
function scalarText(value: Json): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
