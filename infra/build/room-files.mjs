// The TypeScript files that the lint's own checks look at.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOMS = ["functions", "shared", "infra"];
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** The files of the rooms, sorted; declarations of others' packages are theirs. */
export function roomFiles() {
  return ROOMS.flatMap(filesUnder).sort();
}

/** The files of the tests, sorted. */
export function testFiles() {
  return filesUnder("test").sort();
}

function filesUnder(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.join(folder, file))
    .filter((file) => /\.m?ts$/.test(file) && !file.endsWith(".d.ts"));
}

/** A file's syntax tree. */
export function parsed(file) {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}
