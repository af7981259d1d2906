/** A character, `?` (at most one character), or `*` (any run of characters). */
type Token = { readonly char: string } | "?" | "*";

/** True when a name stands for several objects. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** What every match begins with: all up to the first wildcard. */
export function fixedPrefix(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?]|$/));
}

/**
 * Makes the test of a whole name: `*` is any run of characters, `?` at most one; everything else is meant literally. It goes
 * through a name once with all places of the pattern where it may stand, so that no pattern takes more than its length
 * times that of the name.
 */
export function matcherOf(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(pattern);
  return (name) => {
    let places = new Set<number>();
    stand(places, 0, tokens);
    for (const char of name) {
      const next = new Set<number>();
      for (const place of places) {
        const token = tokens[place];
        if (token === "*") stand(next, place, tokens);
        else if (token === "?" || (token !== undefined && token.char === char)) stand(next, place + 1, tokens);
      }
      if (next.size === 0) return false;
      places = next;
    }
    return places.has(tokens.length);
  };
}

/** Beside a star other wildcards say nothing. */
function tokensOf(pattern: string): Token[] {
  const text = pattern.replace(/[*?]{2,}/g, (run) => (run.includes("*") ? "*" : run));
  return Array.from(text, (char) => (char === "*" || char === "?" ? char : { char }));
}

/** Takes a place in, and those behind it, since a wildcard may stand for nothing. */
function stand(places: Set<number>, from: number, tokens: readonly Token[]): void {
  for (let place = from; !places.has(place); place++) {
    places.add(place);
    if (tokens[place] !== "*" && tokens[place] !== "?") return;
  }
}
