import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type Document, documents, root } from "./documents.js";

const prose = ({ text }: Document): string => text.replace(/^```[\s\S]*?^```$/gm, "");

/** Anchors that GitHub makes of a page's headings. */
function anchorsOf(file: string): readonly string[] {
  const headings = readFileSync(path.join(root, file), "utf8").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

it("Every link of every page leads to a file, and to a heading in it where it names one", () => {
  const broken: string[] = [];
  let links = 0;
  for (const document of documents)
    for (const [, target = ""] of prose(document).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      links++;
      const [to = "", anchor] = target.split("#");
      const file = to === "" ? document.file : path.join(path.dirname(document.file), to);
      const isThere = existsSync(path.join(root, file)) && (anchor === undefined || anchorsOf(file).includes(anchor));
      if (!isThere) broken.push(`${document.file}: ${target}`);
    }
  expect(links).toBeGreaterThan(15);
  expect(broken).toEqual([]);
});

it("Every file of the repository that a page names is there", () => {
  const missing: string[] = [];
  let seen = 0;
  for (const document of documents)
    for (const [, name = ""] of prose(document).matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)) {
      if (!/\/.*\.(ts|mjs|cjs|json|yaml|md)$|^(functions|shared|infra|test|docs|dist|examples)\//.test(name)) continue;
      // A component of another repository, and what ARCHITECTURE.md shortens by the room it stands in.
      if (name === "src/schema.json") continue;
      seen++;
      const rooms = ["", "shared", "shared/runs", "infra/local"];
      if (!rooms.some((room) => existsSync(path.join(root, room, name)))) missing.push(`${document.file}: ${name}`);
    }
  expect(seen).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});

it("Decisions that pages refer to by number are there", () => {
  const numbers = documents.flatMap(({ text, file }) =>
    [...text.matchAll(/decision (\d{4})/g)].map(([, number]) => ({ file, number })),
  );
  expect(numbers.length).toBeGreaterThan(4);
  const there = documents.map(({ file }) => /decisions\/(\d{4})-/.exec(file)?.[1]);
  expect(numbers.filter(({ number }) => !there.includes(number))).toEqual([]);
});
