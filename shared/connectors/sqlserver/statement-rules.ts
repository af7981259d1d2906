import type { StatementRules } from "../sql/text/statements.js";

/**
 * A batch is what the server takes at once: variables live as long as it does, and what stands between BEGIN and END belongs together. So
 * whatever begins such a thing takes all that follows with it, up to a line with GO, a word of the command-line clients.
 */
export const sqlserverStatements: StatementRules = {
  lexis: [
    ["text", /'[^']*(?:'|$)/y],
    ["name", /"[^"]*(?:"|$)|\[[^\]]*(?:\]|$)/y],
    ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ],
  makesRoutine:
    /^\s*(?:(?:create|alter)\s+(?:or\s+alter\s+)?(?:proc|procedure|function|trigger)\b|declare\b|if\b|while\b|begin\b(?!\s+(?:distributed\s+)?tran))/i,
  delimiterLine: /^[ \t]*go[ \t;]*$/im,
};
