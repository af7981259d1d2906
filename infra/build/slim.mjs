// Parts of our dependencies that weigh more than everything else a call loads, and are not needed as they are.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { transform } from "esbuild";

/** zod exports its messages in fifty languages under one name, so that none is ever shaken off: 300 KB. We speak English. */
export const englishOnly = {
  name: "english-only",
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path: file }) => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: path.dirname(file),
    }));
  },
};

/**
 * Of each message of its protocol the Tablestore SDK encodes and decodes: checks, other shapes and length prefixes were
 * generated as well, and nothing calls them: 350 KB. Should one be called after all, it is no function.
 */
function withoutUncalled(code, file) {
  if (!file.endsWith("tablestore_compiled_proto.js")) return code;
  const uncalled =
    /^( +)\w+\.(?:prototype\.toJSON|verify|fromObject|toObject|encodeDelimited|decodeDelimited) = function [\s\S]*?^\1\};$/gm;
  return code.replace(uncalled, "");
}

/**
 * Short local names in the largest third-party code that every call loads, first of all the Tablestore SDK's generated
 * protocol: 350 KB less. Only there: with short names everywhere, stack traces and names of error classes mean nothing.
 */
export const shortNames = {
  name: "short-names",
  setup(build) {
    const large = /[\\/](tablestore_compiled_proto\.js|node_modules[\\/](zod|flatbuffers|croner)[\\/].*\.js)$/;
    build.onLoad({ filter: large }, async ({ path: file }) => {
      const { code } = await transform(withoutUncalled(await readFile(file, "utf8"), file), {
        platform: "node",
        target: "node20",
        minifyIdentifiers: true,
        minifyWhitespace: true,
      });
      return { contents: code, loader: "js" };
    });
  },
};

/**
 * The FC SDK loads two HTTP clients that only its code upload and its remote shell use: 150 KB for calls we never make.
 * Should one be made after all, it fails with a name that leads here.
 */
export const unusedClients = {
  name: "unused-clients",
  setup(build) {
    build.onResolve({ filter: /^(axios|ws)$/ }, ({ path: name, importer }) =>
      /[\\/]@alicloud[\\/]fc2[\\/]/.test(importer) ? { path: name, namespace: "unused-client" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "unused-client" }, ({ path: name }) => ({
      contents: `module.exports = new Proxy(class {}, { get() { throw new Error("${name} is left out of the bundle: see infra/build/slim.mjs"); } });`,
    }));
  },
};
