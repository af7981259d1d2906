import { closing, isSign, isWord, type Token, TsqlError, typeAt, wordAt } from "./tsql-tokens.js";

/** What names and variables of a statement mean. */
export interface TranslateSetting {
  /** The engine's name of `schema.table`; null = there is none. */
  table(schema: string, table: string): string | null;
  /** The literal behind `@name` or `@@name`. */
  variable(name: string): string;
}

/** A literal of text. */
export function textLiteral(text: string): string {
  // A zero byte would end the engine's statement.
  return text.includes("\0")
    ? `CAST(x'${Buffer.from(text).toString("hex")}' AS TEXT)`
    : `'${text.replaceAll("'", "''")}'`;
}

/** A name in the engine's quotes. */
export function nameLiteral(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Functions that the engine has under another name, made in `tsql-functions.ts`. */
const functions: readonly string[] = [
  ...["OBJECT_ID", "COLLATIONPROPERTY", "SESSIONPROPERTY", "DB_ID", "DB_NAME", "HAS_PERMS_BY_NAME", "QUOTENAME"],
  ...["SCHEMA_NAME", "CHARINDEX", "TODATETIMEOFFSET", "LEN", "REPLICATE"],
];

/** Translates a SELECT, a condition or an expression into the engine's SQL; what it does not know goes through as it is. */
export function translated(tokens: readonly Token[], setting: TranslateSetting): string {
  const out: string[] = [];
  let limit = "";
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token; // within the list
    const next = tokens[at + 1];
    if (isWord(token, "CONVERT", "TRY_CONVERT", "CAST") && isSign(next, "(")) {
      const end = closing(tokens, at + 1);
      out.push(conversion(token.text.toUpperCase(), tokens.slice(at + 2, end), setting));
      at = end;
    } else if (isWord(token, "COLLATE")) at++;
    else if (isWord(token, "WITH") && isSign(next, "(")) at = closing(tokens, at + 1);
    else if (isWord(token, "TOP")) {
      const end = closing(tokens, at + 1);
      limit = ` LIMIT ${translated(tokens.slice(at + 2, end), setting)}`;
      at = end;
    } else if (isWord(token, "OFFSET") && isWord(tokens[at + 2], "ROWS")) {
      const isFetch = isWord(tokens[at + 3], "FETCH");
      limit = ` LIMIT ${isFetch ? tokens[at + 5]?.text : -1} OFFSET ${next?.text}`;
      out.push(limit);
      limit = "";
      at += isFetch ? 7 : 2;
    } else if (isWord(token, "SYS") && isSign(next, ".")) {
      out.push(nameLiteral(`sys_${tokens[at + 2]?.text.toLowerCase()}`));
      at += 2;
    } else if ((token.kind === "name" || isPlace(tokens, at)) && isSign(next, ".") && tokens[at + 2]) {
      const found = setting.table(token.text, tokens[at + 2]?.text ?? "");
      out.push(found === null ? nameLiteral(token.text) : nameLiteral(found));
      if (found !== null) at += 2;
    } else out.push(single(token, next, setting));
  }
  return out.join(" ").replaceAll(" . ", ".") + limit;
}

/** A bare word where a table's schema stands. */
function isPlace(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.kind === "word" && isWord(tokens[at - 1], "FROM", "JOIN", "INTO", "UPDATE", "TABLE");
}

function single(token: Token, next: Token | undefined, setting: TranslateSetting): string {
  switch (token.kind) {
    case "name":
      return nameLiteral(token.text);
    case "string":
      return textLiteral(token.text);
    case "hex":
      return `x'${token.text}'`;
    case "word":
      if (token.text.startsWith("@")) return setting.variable(token.text);
      if (token.text.startsWith("#")) return nameLiteral(token.text);
      return functions.includes(token.text.toUpperCase()) && isSign(next, "(")
        ? `tsql_${token.text.toLowerCase()}`
        : token.text;
    default:
      return token.text;
  }
}

function conversion(call: string, inside: readonly Token[], setting: TranslateSetting): string {
  const name = call === "TRY_CONVERT" ? "tsql_try_convert" : "tsql_convert";
  if (call === "CAST") {
    const as = wordAt(inside, "AS");
    const { type } = typeAt(inside, as + 1);
    return `${name}(${textLiteral(type)}, ${translated(inside.slice(0, as), setting)}, NULL)`;
  }
  const { type, end } = typeAt(inside, 0);
  if (!isSign(inside[end], ",")) throw new TsqlError(102, `Incorrect syntax near '${type}'.`);
  const rest = inside.slice(end + 1);
  const last = rest.length - 2;
  const hasStyle = isSign(rest[last], ",") && rest.at(-1)?.kind === "number";
  const value = translated(hasStyle ? rest.slice(0, last) : rest, setting);
  return `${name}(${textLiteral(type)}, ${value}, ${hasStyle ? rest.at(-1)?.text : "NULL"})`;
}
