import type { StatementRules } from "../sql/text/statements.js";

/** A quote within a text is doubled, which reads as two texts side by side; behind an E it may stand behind a backslash. */
export const postgresqlStatements: StatementRules = {
  lexis: [
    ["text", /(?<=(?<![\w$])[eE])'(?:[^'\\]|\\[\s\S])*(?:'|$)|'[^']*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)/y],
    ["name", /"[^"]*(?:"|$)/y],
    ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ],
  makesRoutine: /^\s*create\s+(?:or\s+replace\s+)?(?:function|procedure)\s[^;]*\bbegin\s+atomic\b/i,
};
