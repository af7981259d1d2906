/**
 * A text without the characters at its end that `isCut` matches, in time that depends on these alone. A pattern such as
 * `/\s+$/` tries again at every blank, so that many blanks before a letter cost their square.
 *
 * @param isCut  matches one character; no flag `g` or `y`, which remember where they were
 */
export function cutEnd(text: string, isCut: RegExp): string {
  let end = text.length;
  while (end > 0 && isCut.test(text.charAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** A statement or filter without the blanks and semicolons (ASCII or full-width) that people leave behind it. */
export function withoutSemicolons(sql: string): string {
  return cutEnd(sql, /[\s;；]/);
}
