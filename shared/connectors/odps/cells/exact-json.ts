/** JSON whose numbers stay as they are written: a DECIMAL or a BIGINT would lose digits in a JavaScript number. */
export type ExactJson =
  | null
  | boolean
  | string
  | { readonly number: string }
  | readonly ExactJson[]
  | ReadonlyMap<string, ExactJson>;

const piece = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(true|false|null))/y;

interface Reading {
  readonly text: string;
  at: number;
}

/** Reads a text. @returns undefined when it is not JSON */
export function parseExact(text: string): ExactJson | undefined {
  const reading: Reading = { text, at: 0 };
  try {
    // What JavaScript takes for JSON is; the reading below relies on that.
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return valueAt(reading, take(reading));
}

function take(reading: Reading): string {
  piece.lastIndex = reading.at;
  const match = piece.exec(reading.text);
  reading.at = piece.lastIndex;
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4] ?? "";
}

function valueAt(reading: Reading, token: string): ExactJson {
  if (token === "[") return listAt(reading);
  if (token === "{") return mapAt(reading);
  if (token.startsWith('"')) return String(JSON.parse(token));
  if (token === "null") return null;
  return token === "true" || token === "false" ? token === "true" : { number: token };
}

function listAt(reading: Reading): ExactJson {
  const items: ExactJson[] = [];
  for (let token = take(reading); token !== "]"; token = take(reading))
    if (token !== ",") items.push(valueAt(reading, token));
  return items;
}

function mapAt(reading: Reading): ExactJson {
  const entries = new Map<string, ExactJson>();
  for (let token = take(reading); token !== "}"; token = take(reading)) {
    if (token === ",") continue;
    take(reading);
    entries.set(String(JSON.parse(token)), valueAt(reading, take(reading)));
  }
  return entries;
}
