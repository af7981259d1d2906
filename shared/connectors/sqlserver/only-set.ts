const value = String.raw`(?:-?\d+|\w+|N?'[^']*')`;
const set = new RegExp(
  String.raw`^\s*set\s+(?!context_info\b|identity_insert\b)(?:transaction\s+isolation\s+level\s+\w+(?:\s+\w+)?|\w+\s+${value})\s*;?\s*$`,
  "i",
);

/**
 * Why planning does not run an entry of `session`: it runs nothing of a job but `SET` for its own session.
 *
 * @returns null when planning may run it
 */
export function notOnlySqlserverSet(entry: string): string | null {
  return set.test(entry) ? null : "would run";
}
