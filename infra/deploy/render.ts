import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { UserError } from "../../shared/model/errors.js";

/** A Serverless Devs file with its variables, anchors and expressions filled in. */
export type RenderedManifest = Readonly<Record<string, unknown>>;

/**
 * Renders with `s preview`, offline. `${config(…)}` stays as text: it needs the account.
 *
 * @param env  where the file's `env(…)` takes its values from
 * @throws UserError CONFIG_INVALID when Serverless Devs is not installed or refuses the file
 */
export async function renderManifest(file: string, env: NodeJS.ProcessEnv): Promise<RenderedManifest> {
  const home = await mkdtemp(path.join(tmpdir(), "sluice-preview-"));
  try {
    const output = await preview(path.resolve(file), { ...env, NODE_ENV: "test", serverless_devs_config_home: home });
    return parsePreview(output);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** `NODE_ENV=test` keeps the tool from starting its background helpers, which report usage and look for updates. */
function preview(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = [programFile(), "preview", "-t", file, "-o", "json"];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { env, cwd: path.dirname(file), maxBuffer: 1e7, timeout: 60_000 },
      (error, out, err) => {
        if (!error) return resolve(out);
        const reason = reasonIn(`${out}\n${err}`) || error.message;
        reject(new UserError("CONFIG_INVALID", `s preview does not render ${file}: ${reason}`, { cause: error }));
      },
    );
  });
}

/**
 * What the deployment tool says was wrong: without its headings, its advertising, and the path of a log that is removed
 * together with the rest of its folder.
 */
function reasonIn(output: string): string {
  const [, said = output] = output.split(/^Error Message:\s*\n/m);
  const [reason = said] = said.split(/^(?:.*Tips\s*\n=+|\s*A complete log of this run|\s*Env: {2})/m);
  return reason.trim();
}

function programFile(): string {
  try {
    const require = createRequire(path.join(process.cwd(), "package.json"));
    return path.join(path.dirname(require.resolve("@serverless-devs/s/package.json")), "bin/s");
  } catch (cause) {
    throw new UserError("CONFIG_INVALID", "Serverless Devs is not installed here: npm install @serverless-devs/s", {
      cause,
    });
  }
}

/** Warnings precede the document on the same stream: it begins with the first line that is a brace. */
function parsePreview(output: string): RenderedManifest {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => line.trim() === "{");
  try {
    const document: unknown = JSON.parse(lines.slice(start).join("\n"));
    if (start >= 0 && typeof document === "object" && document !== null) return { ...document };
  } catch (cause) {
    throw new UserError("CONFIG_INVALID", "s preview answers with something else than JSON", { cause });
  }
  throw new UserError("CONFIG_INVALID", `s preview answers without a document: ${output.slice(0, 200)}`);
}
