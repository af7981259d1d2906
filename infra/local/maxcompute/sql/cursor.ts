import { odpsTypeName, parseType } from "../../../../shared/connectors/odps/wire/column-type.js";
import { SqlFailure } from "../errors.js";
import { type OdpsSqlToken, odpsSqlTokensOf } from "./tokens.js";

/** Walks through a statement's tokens. Words are compared in any case. */
export interface Cursor {
  peek(ahead?: number): OdpsSqlToken;
  /** Takes these words or signs when they are the next, one after the other. */
  accept(...words: readonly string[]): boolean;
  /** @throws SqlFailure unless they are the next */
  expect(...words: readonly string[]): void;
  take(): OdpsSqlToken;
  /** A name, quoted or not, in lower case. @throws SqlFailure */
  name(): string;
  /** A text in quotes. @throws SqlFailure */
  text(): string;
  /** A type as MaxCompute prints it. @throws SqlFailure */
  type(): string;
  /** Items with commas between them, in parentheses. */
  list<T>(item: () => T): T[];
  /** @throws SqlFailure always */
  fail(wanted?: string): never;
}

/** Begins at a statement's first token. @throws SqlFailure */
export function cursorOf(sql: string): Cursor {
  const tokens = odpsSqlTokensOf(sql);
  let at = 0;
  const peek = (ahead = 0): OdpsSqlToken => tokens[Math.min(at + ahead, tokens.length - 1)] as OdpsSqlToken; // there is an end
  const is = (token: OdpsSqlToken, word: string) =>
    (token.kind === "word" || token.kind === "sign") && token.text.toUpperCase() === word;
  const take = (): OdpsSqlToken => {
    const token = peek();
    at++;
    return token;
  };
  const fail = (wanted?: string): never => {
    const { text, at: place } = peek();
    const hint = wanted === undefined ? "" : `, expected ${wanted}`;
    throw new SqlFailure("0130161", `[1,${place + 1}] Parse exception - invalid token '${text}'${hint}`);
  };
  const accept = (...words: readonly string[]): boolean => {
    if (!words.every((word, ahead) => is(peek(ahead), word))) return false;
    at += words.length;
    return true;
  };
  const expect = (...words: readonly string[]): void => {
    if (!accept(...words)) fail(words.join(" "));
  };
  const ofKind = (kinds: readonly OdpsSqlToken["kind"][], wanted: string): OdpsSqlToken =>
    kinds.includes(peek().kind) ? take() : fail(wanted);
  return {
    ...{ peek, take, fail, accept, expect },
    name: () => ofKind(["word", "quoted"], "a name").text.toLowerCase(),
    text: () => ofKind(["text"], "a text in quotes").text,
    type: () => typeAt({ sql, peek, take, fail }),
    list(item) {
      const items: ReturnType<typeof item>[] = [];
      expect("(");
      do items.push(item());
      while (accept(","));
      expect(")");
      return items;
    },
  };
}

function typeAt({ sql, peek, take, fail }: { sql: string } & Pick<Cursor, "peek" | "take" | "fail">): string {
  const from = peek().at;
  let end = take().end;
  for (let depth = 0; depth > 0 || peek().text === "(" || peek().text === "<"; ) {
    const token = take();
    if (token.kind === "end") fail("the end of a type");
    if (token.text === "(" || token.text === "<") depth++;
    if (token.text === ")" || token.text === ">") depth--;
    end = token.end;
    if (depth === 0) break;
  }
  const type = parseType(sql.slice(from, end));
  if (!type)
    throw new SqlFailure(
      "0130071",
      `[1,${from + 1}] Semantic analysis exception - invalid type ${sql.slice(from, end)}`,
    );
  return odpsTypeName(type);
}

/** A name as written: one to three parts. */
export type NameParts = readonly string[];

/** `a`, `a.b` or `a.b.c`. @throws SqlFailure */
export function namePartsAt(at: Cursor): NameParts {
  const parts = [at.name()];
  while (at.accept(".")) parts.push(at.name());
  return parts.length > 3 ? at.fail("a name of at most three parts") : parts;
}
