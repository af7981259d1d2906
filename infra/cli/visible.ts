/**
 * Everything that a terminal obeys instead of showing it, and what turns the order of letters around: control characters but
 * tabs and line ends, separators of lines, and marks of direction that reach beyond a word.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const OBEYED = /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text as a terminal may get it: what it would obey stands there as `\u001b`, which means the same inside of JSON. */
export function visible(text: string): string {
  return text.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
