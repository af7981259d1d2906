import type { Lexis } from "../sql/text/sql-pieces.js";
import type { StatementRules } from "../sql/text/statements.js";

/**
 * An executable comment, `/*! … *\/`, is code. A quote within a text is doubled, which reads as two texts side by side, or stands behind
 * a backslash, as our sessions have it.
 */
export const mysqlLexis: Lexis = [
  ["text", /'(?:[^'\\]|\\[\s\S])*(?:'|$)|"(?:[^"\\]|\\[\s\S])*(?:"|$)/y],
  ["name", /`[^`]*(?:`|$)/y],
  ["comment", /#[^\n]*|--(?=\s|$)[^\n]*|\/\*(?!M?!)[\s\S]*?(?:\*\/|$)/y],
];

/** How MySQL's statements are told apart. */
export const mysqlStatements: StatementRules = {
  lexis: mysqlLexis,
  makesRoutine:
    /^\s*(?:create\s+(?:or\s+replace\s+)?(?:definer\s*=[^;(]*?\s)?(?:aggregate\s+)?(?:procedure|function|trigger|event|package)\s|begin\s+not\s+atomic\b|(?:if|case|loop|repeat|while|for)\b)/i,
  delimiterLine: /^[ \t]*delimiter[ \t]+(\S+)[ \t]*$/im,
};
