const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;
const SEGMENT = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy;

/** Appends a key or an index to a field path: `a.b`, `a[0]`, `a["odd key"]`. */
export function joinPath(base: string, part: string | number): string {
  if (typeof part === "number") return `${base}[${part}]`;
  if (!PLAIN_KEY.test(part)) return `${base}[${JSON.stringify(part)}]`;
  return base === "" ? part : `${base}.${part}`;
}

/** Takes a field path apart; undefined when it is not one. The empty path is the whole script. */
export function splitPath(path: string): readonly (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  let end = 0;
  for (const match of path.matchAll(SEGMENT)) {
    end = match.index + match[0].length;
    if (match[1] !== undefined) parts.push(match[1]);
    else if (match[2] !== undefined) parts.push(Number(match[2]));
    else parts.push(quotedKey(match[3] ?? '""'));
  }
  return end === path.length ? parts : undefined;
}

function quotedKey(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
