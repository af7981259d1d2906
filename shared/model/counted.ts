/** A number of things with their noun, in the plural where needed: `1 split`, `5 splits`, `2 dirty records`. */
export function counted(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? "" : "s"}`;
}
