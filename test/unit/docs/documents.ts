import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The repository's root folder. */
export const root = path.resolve(import.meta.dirname, "../../..");

/** A page that users read. */
export interface Document {
  /** Path from the root. */
  readonly file: string;
  readonly text: string;
  /** What stands between fences, with the language behind the opening one. */
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
}

/** All pages. */
export const documents: readonly Document[] = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md"],
  ...["docs", "docs/decisions", "docs/connectors"].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
].map((file) => {
  const text = readFileSync(path.join(root, file), "utf8");
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", block = ""]) => ({
    language,
    text: block,
  }));
  return { file, text, blocks };
});

/** One page of these. */
export function documentAt(file: string): Document {
  const found = documents.find((document) => document.file === file);
  if (!found) throw new Error(`there is no page ${file}`);
  return found;
}

/** The lines of a block as a shell takes them: continued ones joined, comments and empty ones left out. */
export function shellLines(text: string): readonly string[] {
  const lines = text.replace(/\\\n\s*/g, "").split("\n");
  return lines.map((line) => line.replace(/(^|\s+)#.*$/, "")).filter((line) => line.trim() !== "");
}

/** Words of a command line, quotes taken off; a redirection and what follows it are no words. */
export function shellWords(line: string): readonly string[] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
  const end = words.findIndex((word) => /^[<>|]$|^&&$/.test(word));
  return end < 0 ? words : words.slice(0, end);
}
