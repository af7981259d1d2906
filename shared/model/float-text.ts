/** Nine digits tell any two floats of four bytes apart. */
const SINGLE_DIGITS = 9;

/**
 * A number as the shortest text that reads back as the same. One of four bytes that was widened to eight has digits that it never had: `0.1` rather than
 * `0.10000000149011612`.
 */
export function shortestFloat(value: number, { isSingle }: { readonly isSingle: boolean }): string {
  for (let count = 1; isSingle && Number.isFinite(value) && value !== 0 && count <= SINGLE_DIGITS; count++) {
    const short = Number(value.toPrecision(count));
    if (Math.fround(short) === value) return String(short);
  }
  return Object.is(value, -0) ? "-0" : String(value);
}
