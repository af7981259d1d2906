/**
 * The statements that a JDBC URL's `sessionVariables` stand for, as Connector/J makes them: assignments, separated by commas or
 * semicolons outside of quotes and parentheses.
 */
export function sessionStatements(sessionVariables: string): string[] {
  return assignments(sessionVariables)
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => `SET ${/^(@|session\s|global\s)/i.test(one) ? "" : "SESSION "}${one}`);
}

function assignments(text: string): string[] {
  const found: string[] = [""];
  let open: string | null = null;
  let depth = 0;
  for (const letter of text) {
    if (open !== null) open = letter === open ? null : open;
    else if (/['"`]/.test(letter)) open = letter;
    else if (letter === "(") depth++;
    else if (letter === ")") depth--;
    else if (depth === 0 && /[,;]/.test(letter)) {
      found.push("");
      continue;
    }
    found[found.length - 1] += letter;
  }
  return found;
}
