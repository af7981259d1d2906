import { expect, it } from "vitest";
import { children, childText, document, element, parseDocument, wrap } from "../../../../../infra/local/oss/xml.js";

it("escapes text, and only text", () => {
  expect(document("R", wrap("A", element("Key", { text: `<&>"'` })))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<R><A><Key>&lt;&amp;&gt;&quot;&apos;</Key></A></R>',
  );
});

it("reads keys with blanks, entities and digits as they were", () => {
  const text =
    "<?xml version='1.0'?>\n<Delete>\n<Object><Key> a&#39;&lt;&amp; </Key></Object><Object><Key>007</Key></Object>\n</Delete>";
  expect(children(parseDocument(text, "Delete"), "Object").map((one) => childText(one, "Key"))).toEqual([
    " a'<& ",
    "007",
  ]);
});

it.each(["", "no xml", "<Other/>", "<Delete>", "<Delete><Object></Delete>"])("refuses %j", (text) => {
  expect(() => parseDocument(text, "Delete")).toThrow(expect.objectContaining({ code: "MalformedXML" }));
});

it("takes an element without children as an empty one", () => {
  expect(children(parseDocument("<Delete/>", "Delete"), "Object")).toEqual([]);
});
