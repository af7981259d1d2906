/**
 * How deep a value is nested and how many members its objects have, all together. Walks level by level instead of
 * calling itself: what is too deep for a stack is what it looks for.
 *
 * @param maxDepth deeper levels are not looked into
 */
export function shapeOf(value: object, maxDepth: number): { depth: number; members: number } {
  let depth = 0;
  let members = 0;
  for (let level: object[] = [value]; level.length > 0 && depth <= maxDepth; depth++) {
    const inner: object[] = [];
    for (const one of level) {
      const values: unknown[] = Array.isArray(one) ? one : Object.values(one);
      if (!Array.isArray(one)) members += values.length;
      for (const item of values) if (typeof item === "object" && item !== null) inner.push(item);
    }
    level = inner;
  }
  return { depth, members };
}

/**
 * Why a JSON text that people wrote by hand cannot be taken as it was parsed: a key would be lost, or walking it would run
 * out of stack. Null = it can; the answer quotes nothing of it.
 *
 * @param text what `value` was parsed from
 */
export function faultOfJson(text: string, value: object): string | null {
  const { depth, members } = shapeOf(value, MAX_DEPTH);
  if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
  return findTwice(text, members) === null ? null : "a key is there twice in one object";
}

/** Settings and properties are nested far less. */
const MAX_DEPTH = 100;

/**
 * A key that one object of a JSON text has twice, of which parsers keep the last; null = there is none.
 *
 * @param text valid JSON
 * @param members how many members the parsed value has
 */
export function findTwice(text: string, members: number): string | null {
  return colonsBehindQuotes(text) === members ? null : searchTwice(text);
}

/** At least as many as there are members in the text; more when texts look like keys. */
function colonsBehindQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    let before = at - 1;
    while (before > 0 && text.charCodeAt(before) <= 32) before--;
    if (text.charCodeAt(before) === 34) count++;
  }
  return count;
}

const KEY_TEXT_OR_BRACKET = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/g;

function searchTwice(text: string): string | null {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(KEY_TEXT_OR_BRACKET)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [34, 92, 44, 91, 123];

/** About how many values a JSON text holds; counts no further than `limit`, and not at all where the text is too short for it. */
export function countJsonValues(text: string, limit: number): number {
  if (text.length <= limit) return 0;
  let values = 0;
  let isText = false;
  for (let i = 0; i < text.length && values <= limit; i++) {
    const code = text.charCodeAt(i);
    if (isText && code === BACKSLASH) i++;
    else if (code === QUOTE) isText = !isText;
    else if (!isText && (code === COMMA || code === BRACKET || code === BRACE)) values++;
  }
  return values;
}
