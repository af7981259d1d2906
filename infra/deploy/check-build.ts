import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { bundleSizes } from "./bundle-sizes.js";
import type { DeclaredFunction } from "./check-functions.js";
import { type Violation, violation } from "./violation.js";

/**
 * The built code: handler files and exports are there, and what they load at their start stays within budget.
 *
 * @param root  what the paths in `code` are relative to
 */
export async function checkBuild(functions: readonly DeclaredFunction[], root: string): Promise<Violation[]> {
  const handlers = await Promise.all(functions.map((one) => checkHandler(one, root)));
  const sizes = [...codeFolders(functions, root)].flatMap((folder) =>
    bundleSizes(folder)
      .filter(({ bytes, budget }) => bytes > budget)
      .map(({ name, bytes, budget }) =>
        violation(name, "bundle", `${bytes} bytes`, `at most ${budget} bytes before the first request`),
      ),
  );
  return [...handlers.flat(), ...sizes];
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

async function checkHandler({ resource, props }: DeclaredFunction, root: string): Promise<Violation[]> {
  const { handler, instanceLifecycleConfig: hooks, code } = props;
  const all = [
    { field: "props.handler", handler },
    { field: "props.instanceLifecycleConfig.initializer.handler", handler: hooks?.initializer?.handler },
    { field: "props.instanceLifecycleConfig.preStop.handler", handler: hooks?.preStop?.handler },
  ];
  const found = await Promise.all(
    all.map(async ({ field, handler: name }) => {
      if (name === undefined) return [];
      const dot = name.lastIndexOf(".");
      const file = path.resolve(root, code, `${name.slice(0, dot)}.js`);
      if (!existsSync(file))
        return [violation(resource, field, name, `a file ${path.relative(root, file)}; npm run build makes it`)];
      if (await isExported(file, name.slice(dot + 1))) return [];
      return [
        violation(resource, field, name, `a function ${name.slice(dot + 1)} exported by ${path.relative(root, file)}`),
      ];
    }),
  );
  return found.flat();
}

/** In a process of its own, as FC would load it: loading must neither fail nor leave traces here. */
function isExported(file: string, name: string): Promise<boolean> {
  const program = "process.exitCode = typeof require(process.argv[1])[process.argv[2]] === 'function' ? 0 : 1";
  return new Promise((resolve) => {
    execFile(process.execPath, ["-e", program, file, name], { timeout: 30_000 }, (error) => resolve(error === null));
  });
}
