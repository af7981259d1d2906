import { codeOf, type Lexis } from "./sql-pieces.js";
import type { ScriptStatement } from "./statements.js";

const begins = /^\s*(?:begin(?:\s+work)?\s*$|start\s+transaction\b)/i;
const ends = /^\s*(?:commit|rollback)\b(?!\s+(?:work\s+)?to\b)/i;
const chains = /\band\s+chain\b/i;
/** The last assignment of a list counts; that of everybody's sessions does not reach this one. */
const setsAutocommit =
  /^\s*set\b(?:.*,)?\s*(?:(?:session|local)\s+|@@(?:(?:session|local)\s*\.\s*)?)?autocommit\s*:?=\s*(\w+)/is;

/**
 * The statement that begins a transaction, or makes all others begin one, which none of the others ends: its work would go with the
 * connection. What procedures do inside is not seen.
 *
 * @returns null when everything is ended
 */
export function leavesOpen<S extends ScriptStatement>(lexis: Lexis, statements: readonly S[]): S | null {
  let without: S | null = null;
  let open: S | null = null;
  for (const statement of statements) {
    const code = codeOf(lexis, statement.sql);
    const [, value] = setsAutocommit.exec(code) ?? [];
    if (value !== undefined) {
      without = /^(?:1|on|true|default)$/i.test(value) ? null : statement;
      open = null;
    } else if (begins.test(code)) open = statement;
    else if (ends.test(code)) open = chains.test(code) ? statement : null;
    else if (without !== null) open ??= without;
  }
  return open;
}
