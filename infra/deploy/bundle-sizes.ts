import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The five programs that are built; every resource group runs the same `shard`. */
export type BundleName = "api" | "dispatcher" | "planner" | "shard" | "reducer";

/** What a program loads before its first request, and what it may. */
export interface BundleSize {
  readonly name: BundleName;
  readonly bytes: number;
  readonly budget: number;
  /** Paths below the folder of the built functions. */
  readonly files: readonly string[];
}

/** Bytes a program may load at its start; connectors and rarely used SDKs come later, at first use. */
export const bundleBudgets: Readonly<Record<BundleName, number>> = {
  api: 1_250_000,
  dispatcher: 1_250_000,
  planner: 1_250_000,
  shard: 1_500_000,
  reducer: 1_250_000,
};

/**
 * Measures the programs that are there.
 *
 * @param folder  the built functions, `dist/functions`
 */
export function bundleSizes(folder: string): BundleSize[] {
  return (Object.keys(bundleBudgets) as BundleName[])
    .filter((name) => existsSync(path.join(folder, `${name}.js`)))
    .map((name) => {
      const files = eagerFiles(folder, `${name}.js`);
      const bytes = files.reduce((sum, file) => sum + readFileSync(path.join(folder, file)).length, 0);
      return { name, bytes, budget: bundleBudgets[name], files };
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
