import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { functionTable, type Program, programs } from "../../shared/platform/functions.js";

/** What a program loads before its first request, and what it may. */
export interface BundleSize {
  readonly name: Program;
  readonly bytes: number;
  readonly budget: number;
  /** Paths below the folder of the built functions. */
  readonly files: readonly string[];
}

/**
 * Measures the programs that are there.
 *
 * @param folder  the built functions, `dist/functions`
 */
export function bundleSizes(folder: string): BundleSize[] {
  return programs
    .filter((name) => existsSync(path.join(folder, `${name}.js`)))
    .map((name) => {
      const files = eagerFiles(folder, `${name}.js`);
      const bytes = files.reduce((sum, file) => sum + readFileSync(path.join(folder, file)).length, 0);
      return { name, bytes, budget: functionTable[name].startBytes, files };
    });
}

/** The build turns `import()` into a `require` inside a callback; every other `require` runs when the file is loaded. */
const REQUIRE = /(then\(\(\)\s*=>\s*(?:__toESM\()?)?require\("(\.[^"]+)"\)/g;

function eagerFiles(folder: string, entry: string): string[] {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(path.join(folder, file), "utf8");
    for (const [, lazy, target = ""] of text.matchAll(REQUIRE))
      if (lazy === undefined) waiting.push(path.join(path.dirname(file), target));
  }
  return [...found];
}
