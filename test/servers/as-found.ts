// Each file of tests finds its process as the first one did: a local cloud keeps what the process writes to itself, and tests set
// variables. Runs before every file, in the process that the files of a worker share.

declare global {
  /** What the process was like before the first file. */
  var processAsFound: { readonly umask: number; readonly env: NodeJS.ProcessEnv } | undefined;
}

globalThis.processAsFound ??= { umask: process.umask(), env: { ...process.env } };
const { umask, env } = globalThis.processAsFound;
process.umask(umask);
for (const name of new Set([...Object.keys(process.env), ...Object.keys(env)])) {
  // The runner tells each file which worker it is.
  if (name.startsWith("VITEST")) continue;
  if (env[name] === undefined) delete process.env[name];
  else if (process.env[name] !== env[name]) process.env[name] = env[name];
}

export {};
