/** English names of months: patterns mean these whatever the language of the machine. */
export const monthNames: readonly string[] = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** English names of days, Sunday first. */
export const dayNames: readonly string[] = [
  ...["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
];

/** Letters of a short name. */
export const SHORT_NAME = 3;

/**
 * Finds the name that text goes on with, whole or by its first three letters, in any case.
 *
 * @returns index of the name and the end of it; null when there is none
 */
export function nameAt(text: string, at: number, names: readonly string[]): { index: number; end: number } | null {
  const start = text.slice(at, at + SHORT_NAME).toLowerCase();
  const index = names.findIndex((name) => name.slice(0, SHORT_NAME).toLowerCase() === start);
  const name = names[index];
  if (name === undefined) return null;
  const isWhole = text.slice(at, at + name.length).toLowerCase() === name.toLowerCase();
  return { index, end: at + (isWhole ? name.length : SHORT_NAME) };
}
