/** Replaces `length` characters at `offset` by `text`. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** Applies edits that do not overlap; what is inserted where something else is replaced comes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): Edited {
  const sorted = [...edits].sort((a, b) => a.offset - b.offset || a.length - b.length);
  const pieces: string[] = [];
  const parts: EditedPart[] = [];
  let origin = 0;
  let length = 0;
  const add = (piece: string, { isNew }: { readonly isNew: boolean }) => {
    pieces.push(piece);
    if (piece !== "" || !isNew) parts.push({ from: length, origin, isNew });
    length += piece.length;
  };
  for (const edit of sorted) {
    add(text.slice(origin, edit.offset), { isNew: false });
    origin = edit.offset;
    add(edit.text, { isNew: true });
    origin += edit.length;
  }
  add(text.slice(origin), { isNew: false });
  const originOf = (offset: number) => {
    const part = parts.findLast(({ from }) => from <= offset);
    if (!part) return offset;
    // Inside inserted text the place of the insertion is as near as it gets.
    return part.isNew ? part.origin : part.origin + offset - part.from;
  };
  return { text: pieces.join(""), parts, originOf };
}

/** A piece of an edited text: kept from the old one, or put in. */
export interface EditedPart {
  /** Offset in the new text. */
  readonly from: number;
  /** Offset in the old text, of what was put in: where. */
  readonly origin: number;
  readonly isNew: boolean;
}

/** A text after its edits. */
export interface Edited {
  readonly text: string;
  /** In the order of the text. */
  readonly parts: readonly EditedPart[];
  /** Which offset of the old text stands at an offset of the new one. */
  originOf(offset: number): number;
}
