/** Replaces `length` characters at `offset` by `text`. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** Applies edits that do not overlap; what is inserted where something else is replaced comes first. `originOf` tells which offset of the old text stands at an offset of the new one. */
export function applyEdits(text: string, edits: readonly TextEdit[]): Edited {
  const sorted = [...edits].sort((a, b) => a.offset - b.offset || a.length - b.length);
  const parts: string[] = [];
  const steps: { readonly from: number; readonly origin: number }[] = [];
  let origin = 0;
  let length = 0;
  for (const edit of sorted) {
    steps.push({ from: length, origin });
    parts.push(text.slice(origin, edit.offset), edit.text);
    length += edit.offset - origin + edit.text.length;
    origin = edit.offset + edit.length;
  }
  steps.push({ from: length, origin });
  parts.push(text.slice(origin));
  const originOf = (offset: number) => {
    const index = steps.findLastIndex(({ from }) => from <= offset);
    const step = steps[index];
    // Inside inserted text the place of the insertion is as near as it gets.
    const end = sorted[index]?.offset ?? text.length;
    return step ? Math.min(step.origin + offset - step.from, end) : offset;
  };
  return { text: parts.join(""), originOf };
}

/** A text after its edits. */
export interface Edited {
  readonly text: string;
  originOf(offset: number): number;
}
