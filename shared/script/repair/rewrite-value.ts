import { isDeepStrictEqual } from "node:util";
import type { Node } from "jsonc-parser";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { withBreaks } from "../text/odd-characters.js";
import type { TextEdit } from "../text/text-edits.js";

/** What a value of a script is to become. */
export interface ValueChange {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The edits that make one value of a script another, and leave alone whatever is equal in both: its layout, its spelling,
 * its place in the text. Members that are new stand where the first of those stood that went.
 */
export function rewriteValue(node: Node, { before, after }: ValueChange): readonly TextEdit[] {
  if (after === undefined || isDeepStrictEqual(before, after)) return [];
  if (node.type === "object" && isJsonObject(before) && isJsonObject(after)) return rewriteObject(node, before, after);
  const items = node.children ?? [];
  if (node.type === "array" && Array.isArray(before) && Array.isArray(after) && items.length === after.length)
    return items.flatMap((item, i) => rewriteValue(item, { before: before[i], after: after[i] }));
  return [{ offset: node.offset, length: node.length, text: JSON.stringify(after) }];
}

interface Member {
  readonly key: string;
  readonly node: Node;
  readonly value: Node;
  /** Another one of the same name follows, which counts in its place. */
  readonly isRepeated: boolean;
}

function rewriteObject(node: Node, before: JsonObject, after: JsonObject): readonly TextEdit[] {
  const members = membersOf(node);
  const edits: TextEdit[] = [];
  const gone = members.map(({ key, value, isRepeated }) => {
    const change = { before: before[key], after: after[key] };
    if (isDeepStrictEqual(change.before, change.after)) return false;
    // What stood under the same name before may hold what has to go as well.
    if (isRepeated || change.after === undefined) return true;
    edits.push(...rewriteValue(value, change));
    return false;
  });
  const known = new Set(members.map(({ key }) => key));
  const added = Object.entries(after).filter(([key, value]) => value !== undefined && !known.has(key));
  const text = added.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(", ");
  return [...edits, ...exchange(node, members, { gone, text })];
}

function membersOf(node: Node): readonly Member[] {
  const properties = node.children ?? [];
  const named = properties.map(({ children }) => withBreaks(String(children?.[0]?.value)));
  const last = new Map(named.map((key, index) => [key, index]));
  return properties.flatMap((property, index): Member[] => {
    const key = named[index] ?? "";
    const value = property.children?.[1];
    return value ? [{ key, node: property, value, isRepeated: last.get(key) !== index }] : [];
  });
}

/** Takes out the members that are gone, with one comma each; `text` comes in place of the first of them, else first of all. */
function exchange(
  object: Node,
  members: readonly Member[],
  { gone, text }: { gone: readonly boolean[]; text: string },
): TextEdit[] {
  const edits: TextEdit[] = [];
  const place = text === "" ? -1 : gone.indexOf(true);
  if (text !== "" && place < 0)
    edits.push({ offset: object.offset + 1, length: 0, text: members.length === 0 ? text : `${text}, ` });
  let end = object.offset + 1;
  // Where a row of members that are gone begins: at its first one, which takes its comma along.
  let row: number | null = null;
  for (const [index, { node }] of members.entries()) {
    if (gone[index] && index !== place) {
      row ??= node.offset;
      continue;
    }
    if (row !== null) edits.push({ offset: row, length: node.offset - row, text: "" });
    row = null;
    if (index === place) edits.push({ offset: node.offset, length: node.length, text });
    end = node.offset + node.length;
  }
  // The last row has no comma of its own: it takes the one before it.
  const last = members.at(-1)?.node;
  if (row !== null && last) edits.push({ offset: end, length: last.offset + last.length - end, text: "" });
  return edits;
}
