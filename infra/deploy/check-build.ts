import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { bundleSizes } from "./bundle-sizes.js";
import { type DeclaredFunction, programOf } from "./check-functions.js";
import { type Violation, violation } from "./violation.js";

/**
 * The built code: handler files and exports are there, and what they load at their start stays within budget.
 *
 * @param root  what the paths in `code` are relative to
 */
export async function checkBuild(functions: readonly DeclaredFunction[], root: string): Promise<Violation[]> {
  const built = builtFolders(functions, root);
  const isBuilt = ({ props }: DeclaredFunction) => built.has(path.resolve(root, props.code));
  const handlers = await checkHandlers(functions.filter(isBuilt), root);
  const sizes = [...built].flatMap((folder) =>
    bundleSizes(folder)
      .filter(({ bytes, budget }) => bytes > budget)
      .map(({ name, bytes, budget }) =>
        violation(name, "bundle", {
          value: `${bytes} bytes`,
          expected: `at most ${budget} bytes before the first request`,
        }),
      ),
  );
  return [...checkFolders(functions, built, root), ...handlers, ...sizes];
}

/** Folders with built programs of ours, absolute. Any other one is told once, and nothing that follows from it. */
export function builtFolders(functions: readonly DeclaredFunction[], root: string): Set<string> {
  const all = new Set(functions.map(({ props }) => path.resolve(root, props.code)));
  return new Set([...all].filter((folder) => bundleSizes(folder).length > 0));
}

/** One violation for each folder that is wrong, however many functions name it. */
function checkFolders(functions: readonly DeclaredFunction[], built: ReadonlySet<string>, root: string): Violation[] {
  const wrong = new Map<string, DeclaredFunction[]>();
  for (const one of functions) {
    const folder = path.resolve(root, one.props.code);
    if (!built.has(folder)) wrong.set(folder, [...(wrong.get(folder) ?? []), one]);
  }
  return [...wrong.values()].flatMap((users) => {
    const [first] = users;
    if (first === undefined) return [];
    const resource =
      users.length === functions.length && users.length > 1 ? "-" : users.map((one) => one.resource).join(", ");
    return [
      violation(resource, "props.code", {
        value: first.props.code,
        expected: "the folder of the built functions, dist/functions; npm run build makes it",
      }),
    ];
  });
}

/** Variables of ours that the built functions mention; null = nothing is built. */
export function environmentNames(functions: readonly DeclaredFunction[], root: string): Set<string> | null {
  const folders = builtFolders(functions, root);
  if (folders.size === 0) return null;
  const names = new Set<string>();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".js"),
    ))
      for (const [name] of readFileSync(path.join(folder, file), "utf8").matchAll(/\bSLUICE_[A-Z0-9_]*[A-Z0-9]\b/g))
        names.add(name);
  }
  return names;
}

/** A handler as it is declared somewhere. */
interface Handler {
  readonly resource: string;
  readonly field: string;
  readonly name: string;
  readonly file: string;
  readonly exported: string;
}

async function checkHandlers(functions: readonly DeclaredFunction[], root: string): Promise<Violation[]> {
  const all = functions.flatMap((one) => handlersOf(one, root));
  const built = all.filter(({ file }) => existsSync(file));
  const loaded = await exportedBy(built);
  return all.flatMap((handler) => {
    const { resource, field, name, file, exported } = handler;
    const place = path.relative(root, file);
    if (!built.includes(handler))
      return [violation(resource, field, { value: name, expected: `a file ${place}; npm run build makes it` })];
    if (loaded[built.indexOf(handler)]) return [];
    return [violation(resource, field, { value: name, expected: `a function ${exported} exported by ${place}` })];
  });
}

function handlersOf({ resource, props }: DeclaredFunction, root: string): Handler[] {
  const { handler, instanceLifecycleConfig: hooks, code } = props;
  const declared = {
    // A handler of no program is refused as such.
    "props.handler": programOf(props) === null ? undefined : handler,
    "props.instanceLifecycleConfig.initializer.handler": hooks?.initializer?.handler,
    "props.instanceLifecycleConfig.preStop.handler": hooks?.preStop?.handler,
  };
  return Object.entries(declared).flatMap(([field, name]) => {
    if (name === undefined) return [];
    const dot = name.lastIndexOf(".");
    return [
      {
        resource,
        field,
        name,
        file: path.resolve(root, code, `${name.slice(0, dot)}.js`),
        exported: name.slice(dot + 1),
      },
    ];
  });
}

const loader = `
const found = JSON.parse(process.argv[1]).map(({ file, exported }) => {
  try { return typeof require(file)[exported] === "function"; } catch { return false; }
});
process.send(found, () => process.exit());`;

/** Loads them as FC would, in a process apart: loading must leave no traces here. */
function exportedBy(handlers: readonly Handler[]): Promise<readonly boolean[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["-e", loader, JSON.stringify(handlers)], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      timeout: 60_000,
    });
    child.once("message", (found: readonly boolean[]) => resolve(found));
    child.once("exit", () => resolve([]));
  });
}
