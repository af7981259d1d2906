const value = String.raw`(?:'(?:[^'\\]|'')*'|"[^"]*"|[-+]?[\w.]+)`;
const zone = String.raw`time\s+zone\s+(?:interval\s+'[^'\\]*'(?:\s+hour\s+to\s+minute)?|${value})`;
const setting = String.raw`[\w.]+\s*(?:=|\bto\b)\s*${value}(?:\s*,\s*${value})*`;
const set = new RegExp(String.raw`^\s*set\s+(?:session\s+)?(?:${zone}|${setting})\s*;?\s*$`, "i");

/**
 * Why planning does not run an entry of `session`: it runs nothing of a job but `SET` for its own session, which takes no expression.
 *
 * @returns null when planning may run it
 */
export function notOnlyPostgresqlSet(entry: string): string | null {
  if (/^\s*set\s+(?:session\s+|local\s+)?(?:role\b|authorization\b|session\s+authorization\b)/i.test(entry))
    return "would change an account";
  return set.test(entry) ? null : "would run";
}
