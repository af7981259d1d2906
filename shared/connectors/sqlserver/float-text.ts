/** The shortest text that is read back as the same double. */
export function floatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Digits that are always enough for a float of four bytes. */
const MOST_DIGITS = 9;

/** The shortest text that is read back as the same float of four bytes. */
export function realText(value: number): string {
  for (let digits = 6; digits < MOST_DIGITS; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return floatText(text);
  }
  return floatText(Number(value.toPrecision(MOST_DIGITS)));
}
