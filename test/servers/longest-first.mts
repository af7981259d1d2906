import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What waits for leases, throttles and kills begins first: at the end it would keep one worker busy alone. */
const order = ["chaos", "security", "e2e", "integration", "conformance"];

/**
 * Files that have a process of their own, then by folder; among those of one folder and project by how long they took the last time, or
 * else by size, as usual. A worker goes on in its process only where the next file is of the same project.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const [, folder = ""] = relative(project.config.root, moduleId).split(/[/\\]/);
      return project.config.isolate ? -1 : order.indexOf(folder);
    };
    const byProject = (one: TestSpecification, other: TestSpecification) =>
      one.project.name.localeCompare(other.project.name);
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other) || byProject(one, other));
  }
}
