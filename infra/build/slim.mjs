// Two parts of our dependencies weigh more than everything else an API call loads, and neither is needed as it is.
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
 * The Tablestore SDK's generated protocol code: 260 KB less with short local names. Only this file: with short names
 * everywhere, stack traces and the names of error classes would mean nothing.
 */
export const shortProtocol = {
  name: "short-protocol",
  setup(build) {
    build.onLoad({ filter: /[\\/]tablestore_compiled_proto\.js$/ }, async ({ path: file }) => {
      const { code } = await transform(await readFile(file, "utf8"), {
        format: "cjs",
        platform: "node",
        target: "node20",
        minifyIdentifiers: true,
        minifyWhitespace: true,
      });
      return { contents: code, loader: "js" };
    });
  },
};
