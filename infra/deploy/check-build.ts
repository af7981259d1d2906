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
  const handlers = await checkHandlers(functions, root);
  const sizes = [...codeFolders(functions, root)].flatMap((folder) =>
    bundleSizes(folder)
      .filter(({ bytes, budget }) => bytes > budget)
      .map(({ name, bytes, budget }) =>
        violation(name, "bundle", `${bytes} bytes`, `at most ${budget} bytes before the first request`),
      ),
  );
  return [...handlers, ...sizes];
}

/** Variables of ours that the built functions mention. */
export function environmentNames(functions: readonly DeclaredFunction[], root: string): Set<string> {
  const names = new Set<string>();
  for (const folder of codeFolders(functions, root)) {
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".js"),
    ))
      for (const [name] of readFileSync(path.join(folder, file), "utf8").matchAll(/\bSLUICE_[A-Z0-9_]*[A-Z0-9]\b/g))
        names.add(name);
  }
  return names;
}

function codeFolders(functions: readonly DeclaredFunction[], root: string): Set<string> {
  return new Set(functions.map(({ props }) => path.resolve(root, props.code)));
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
    if (!built.includes(handler)) return [violation(resource, field, name, `a file ${place}; npm run build makes it`)];
    if (loaded[built.indexOf(handler)]) return [];
    return [violation(resource, field, name, `a function ${exported} exported by ${place}`)];
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
