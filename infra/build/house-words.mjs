// Words that say nothing to who searches for the field's term: no name may be made of them.
import ts from "typescript";

/** Refused wherever they stand in a name. */
const anywhere = new Set(["told", "shown", "wish", "wishes", "wished", "desk", "desks"]);

/** Refused as the whole name; `lookup` and the room `looks/` are the field's own. */
const alone = new Set(["look", "looks", "looked"]);

/** The declared names of a file that are made of refused words: variables, parameters, members, functions and types, each with its line. */
export function houseWordsIn(source) {
  const found = [];
  const visit = (node) => {
    const name = declaredName(node);
    if (name && isRefused(name.text))
      found.push({ name: name.text, line: source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The identifier that a node declares; names that it only uses are declared elsewhere, or are others'. */
function declaredName(node) {
  const isUse =
    ts.isPropertyAccessExpression(node) || ts.isImportSpecifier(node) || ts.isShorthandPropertyAssignment(node);
  return !isUse && node.name && ts.isIdentifier(node.name) ? node.name : null;
}

function isRefused(name) {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s_$]+/);
  return words.some((word) => anywhere.has(word)) || alone.has(words.filter(Boolean).join(" "));
}
