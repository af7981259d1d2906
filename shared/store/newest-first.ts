/**
 * A key that sorts newest first: the time counted down from the largest 13-digit number.
 *
 * @param at  ISO time
 * @param id  tells apart what has the same time
 */
export function newestFirst(at: string, id: string): string {
  return `${String(9_999_999_999_999 - Date.parse(at)).padStart(13, "0")}-${id}`;
}
