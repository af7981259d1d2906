import type { Node } from "jsonc-parser";
import type { Warning } from "../../model/job.js";
import type { Json } from "../../model/json.js";
import type { TextPlace } from "../../model/place.js";
import { joinPath, splitPath } from "./field-path.js";
import { withBreaks } from "./odd-characters.js";
import type { SyntaxTree } from "./syntax.js";

/**
 * Finds where a field stands: its value, or its key when asked for. A field that is not there is found at the nearest
 * enclosing one that is. Key case and surrounding blanks do not matter. Undefined only for a text that is no field path.
 */
export type Locate = (path: string, part?: "key" | "value") => TextPlace | undefined;

/** A key as keys are compared: without surrounding blanks, in lower case, the known misspelling mended. */
export function foldKey(key: string): string {
  const folded = key.trim().toLowerCase();
  return folded === "settting" ? "setting" : folded;
}

/** Looks fields up in a parsed script. */
export function locator(tree: SyntaxTree): Locate {
  const find = nodeFinder(tree.root);
  return (path, part = "value") => {
    const found = find(path);
    if (!found) return undefined;
    const property = found.node.parent?.type === "property" && found.exact ? found.node.parent : undefined;
    return tree.placeOf(part === "key" && property ? property.offset : found.node.offset);
  };
}

/** Finds the node of a field, or of the nearest enclosing field that exists (`exact` tells which). */
export function nodeFinder(root: Node): (path: string) => { node: Node; exact: boolean } | undefined {
  const indexes = new WeakMap<Node, Map<string, Node>>();
  const membersOf = (node: Node) => {
    let index = indexes.get(node);
    if (!index) {
      index = memberIndex(node);
      indexes.set(node, index);
    }
    return index;
  };
  return (path) => {
    const parts = splitPath(path);
    if (!parts) return undefined;
    let node = root;
    for (const part of parts) {
      const child = typeof part === "number" ? listItem(node, part) : findMember(membersOf(node), part);
      if (!child) return { node, exact: false };
      node = child;
    }
    return { node, exact: true };
  };
}

function listItem(node: Node, index: number): Node | undefined {
  return node.type === "array" ? node.children?.[index] : undefined;
}

function findMember(index: Map<string, Node>, key: string): Node | undefined {
  return index.get(`=${key}`) ?? index.get(`~${foldKey(key)}`);
}

/** Values of an object by exact and by folded key; the last of equal ones counts, as for JSON parsers. */
function memberIndex(node: Node): Map<string, Node> {
  const index = new Map<string, Node>();
  if (node.type !== "object") return index;
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (!key || !value) continue;
    index.set(`=${key.value}`, value);
    index.set(`~${foldKey(String(key.value))}`, value);
  }
  return index;
}

/**
 * The value of a script. Numbers that a JavaScript number cannot hold exactly stay text, as every connector reads
 * numbers from text too.
 *
 * @param mapText  applied to every string value, not to keys; gets the value's field path
 */
export function scriptValue(tree: SyntaxTree, mapText: (text: string, path: string) => string): Valued {
  const warnings: Warning[] = [];
  const convert = (node: Node, path: string): Json => {
    if (node.type === "string") return mapText(withBreaks(String(node.value)), path);
    if (node.type === "number") return exactNumber(tree.clean.slice(node.offset, node.offset + node.length));
    if (node.type === "array") return (node.children ?? []).map((child, i) => convert(child, joinPath(path, i)));
    if (node.type !== "object") return node.type === "boolean" ? node.value === true : null;
    const members = new Map<string, Json>();
    for (const { children } of node.children ?? []) {
      const [keyNode, value] = children ?? [];
      if (!keyNode || !value) continue;
      const key = withBreaks(String(keyNode.value));
      const memberPath = joinPath(path, key);
      if (members.has(key)) {
        const message = `the key "${key}" stands twice in the same object; the last one counts`;
        warnings.push({ message, path: memberPath, ...tree.placeOf(keyNode.offset) });
      }
      members.set(key, convert(value, memberPath));
    }
    // fromEntries makes own properties even of names like __proto__.
    return Object.fromEntries(members);
  };
  return { value: convert(tree.root, ""), warnings };
}

/** A script's value and what is odd about it. */
export interface Valued {
  readonly value: Json;
  readonly warnings: readonly Warning[];
}

function exactNumber(literal: string): number | string {
  const value = Number(literal);
  const digits = literal
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+/, "");
  if (!Number.isFinite(value) || (digits.length > 15 && String(value) !== literal)) return literal;
  // A job never means minus zero, and JSON cannot print it.
  return value === 0 ? 0 : value;
}
