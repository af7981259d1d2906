import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What waits for leases, throttles and kills begins first: at the end it would keep one worker busy alone. */
const order = ["chaos", "security", "e2e", "integration", "conformance"];

/** Files by their folder; among those of one folder by how long they took the last time, or else by size, as usual. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const [, folder = ""] = relative(project.config.root, moduleId).split(/[/\\]/);
      return order.indexOf(folder);
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
