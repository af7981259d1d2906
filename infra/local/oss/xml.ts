import { XMLParser } from "fast-xml-parser";
import { OssError } from "./errors.js";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** One element with text; control characters stay raw, since the SDK's parser refuses numeric references to them. */
export function element(name: string, { text }: { text: string | number | boolean }): string {
  return `<${name}>${String(text).replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)}</${name}>`;
}

/** One element around ready-made XML. */
export function wrap(name: string, ...inner: readonly string[]): string {
  return `<${name}>${inner.join("")}</${name}>`;
}

/** A whole XML document around ready-made XML. */
export function document(root: string, ...inner: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${wrap(root, ...inner)}`;
}

/** A parsed element: its children by name, each name with all its occurrences; text alone is a string. */
export type XmlNode = string | { readonly [name: string]: readonly XmlNode[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: () => true,
});

/**
 * Parses a request document.
 *
 * @returns the root element
 * @throws OssError MalformedXML when it is no XML or its root has another name
 */
export function parseDocument(text: string, root: string): XmlNode {
  try {
    // The parser's result is untyped; with `isArray` above it has the shape of XmlNode.
    const found = (parser.parse(text, true) as { [name: string]: XmlNode[] })[root]?.[0];
    if (found !== undefined) return found;
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed();
}

/** The children of that name; none for a text. */
export function children(node: XmlNode, name: string): readonly XmlNode[] {
  return typeof node === "string" ? [] : (node[name] ?? []);
}

/** The text of the first child of that name, or undefined. */
export function childText(node: XmlNode, name: string): string | undefined {
  const child = children(node, name)[0];
  return typeof child === "string" ? child : undefined;
}

/** The document has not the shape that the operation wants. */
export function malformed(cause?: unknown): OssError {
  return new OssError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema.",
    {
      cause,
    },
  );
}
