/** Follows SQL text piece by piece and knows whether its end stands inside a quoted text. */
export interface SqlScanner {
  feed(text: string): void;
  /** Inside quotes of which nothing is doubtful: a comment, or quotes that hold a backslash, do not count. */
  isInLiteral(): boolean;
}

type Mode = "plain" | "'" | '"' | "`" | "line" | "block";

/** Begins at the start of a text. Linear in what is fed. */
export function createSqlScanner(): SqlScanner {
  let mode: Mode = "plain";
  let isDoubtful = false;
  let before = "";
  const next = (sign: string): void => {
    if (mode === "plain") {
      if (sign === "'" || sign === '"' || sign === "`") mode = sign;
      else if (sign === "#" || (sign === "-" && before === "-")) mode = "line";
      else if (sign === "*" && before === "/") mode = "block";
    } else if (mode === "line") {
      if (sign === "\n") mode = "plain";
    } else if (mode === "block") {
      if (sign === "/" && before === "*") mode = "plain";
    } else if (sign === mode) mode = "plain";
    // Whether it escapes the next sign depends on the server's sql_mode: from here on nothing is certain.
    else if (sign === "\\") isDoubtful = true;
    before = sign;
  };
  return {
    feed(text) {
      for (let at = 0; at < text.length; at += 1) next(text[at] ?? "");
    },
    isInLiteral: () => !isDoubtful && (mode === "'" || mode === '"'),
  };
}
