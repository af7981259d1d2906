import type { Step } from "../../model/job.js";
import type { TextOrigin } from "../../model/place.js";
import { originsOf } from "../text/origins.js";
import { nodeFinder } from "../text/script-tree.js";
import { readTree } from "../text/syntax.js";
import { applyEdits, type TextEdit } from "../text/text-edits.js";
import { commentsOf } from "../text/tokens.js";
import { rewriteValue } from "./rewrite-value.js";

/** A step whose parameter is to become another one. */
export interface StepChange {
  readonly before: Step;
  readonly after: Step;
}

/** A script after its change, and where its parts stood. */
export interface ChangedScript {
  readonly text: string;
  readonly origins: readonly TextOrigin[];
}

/**
 * Changes parameters in the text of a script, which stays as the user wrote it everywhere else; only comments go, which
 * may repeat what was taken out.
 */
export function changeParameters(text: string, steps: readonly StepChange[]): ChangedScript {
  const { root, clean } = readTree(text);
  const find = nodeFinder(root);
  const edits = steps.flatMap(({ before, after }): readonly TextEdit[] => {
    const found = find(before.path);
    return found?.exact ? rewriteValue(found.node, { before: before.parameter, after: after.parameter }) : [];
  });
  const edited = applyEdits(text, withComments(edits, commentsOf(clean)));
  return { text: edited.text, origins: originsOf(text, edited) };
}

/** A comment inside of something that is replaced goes with it. */
function withComments(edits: readonly TextEdit[], comments: readonly TextEdit[]): TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.offset - b.offset);
  let at = 0;
  const apart = comments.filter(({ offset }) => {
    while (at < sorted.length && endOf(sorted[at]) <= offset) at++;
    return (sorted[at]?.offset ?? Number.POSITIVE_INFINITY) > offset;
  });
  return [...sorted, ...apart];
}

function endOf(edit: TextEdit | undefined): number {
  return edit ? edit.offset + edit.length : 0;
}
