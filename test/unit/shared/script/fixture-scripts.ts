import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../../fixtures/scripts/", import.meta.url);

/** Scripts of one fixture folder, by file name. */
export function scriptsIn(folder: "valid" | "malformed"): ReadonlyMap<string, string> {
  const names = readdirSync(new URL(`${folder}/`, root)).sort();
  return new Map(names.map((name) => [name, readFileSync(new URL(`${folder}/${name}`, root), "utf8")]));
}

/** What reading the scripts of a folder must give, by file name. */
export function expectationsOf<T>(
  table: "malformed-messages.json" | "valid-readings.json",
): Readonly<Record<string, T>> {
  return JSON.parse(readFileSync(new URL(table, root), "utf8"));
}

/** What `action` throws. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
