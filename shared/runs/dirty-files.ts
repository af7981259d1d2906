import type { DirtyFiles } from "../engine/dirty-collector.js";
import type { Objects } from "../platform/objects.js";

/** The collector's view of our bucket. */
export function dirtyFilesOf(objects: Objects): DirtyFiles {
  return {
    put: (name, body) => objects.put(name, body),
    remove: (names) => objects.remove(names),
    async list(prefix) {
      const names: string[] = [];
      for (;;) {
        const page = await objects.list(prefix, names.at(-1) ?? "", 1000);
        names.push(...page);
        if (page.length < 1000) return names;
      }
    },
  };
}
