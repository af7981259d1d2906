// Fails when a function takes more than three positional parameters, or a boolean as one of them: a call should tell what each of
// its values is. Beyond three, and for every flag, one named object. Usage: node infra/build/check-parameters.mjs
import ts from "typescript";
import { parsed, roomFiles } from "./room-files.mjs";

const MOST = 3;

/** Functions that may take more, each with its reason: file, name. */
const exempt = [
  // Run for every cell of MaxCompute's stream: a view of the bytes, or an object with their bounds, would be one allocation a cell.
  ["shared/connectors/odps/wire/crc32c.ts", "crcBytes"],
  ["shared/connectors/odps/wire/sink.ts", "putBytes"],
];

/** Every function with a name of its own in a file. */
function functionsIn(source) {
  const found = [];
  const visit = (node) => {
    const name = nameOf(node);
    if (name !== undefined) found.push({ name, node });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The name of a declaration, a method, a signature or a function that is given one; undefined for all else. */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const isMember = ts.isMethodDeclaration(node) || ts.isMethodSignature(node);
  if (ts.isFunctionDeclaration(node) || isMember) return node.name?.getText() ?? "default";
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return undefined;
  const { parent } = node;
  const isNamed =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isNamed && parent.initializer === node ? parent.name.getText() : undefined;
}

/** Parameters that a call gives by their position. */
function positional({ parameters }) {
  return parameters.filter(({ name }) => name.getText() !== "this");
}

function isFlag({ type, initializer }) {
  const kinds = [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword];
  if (initializer && kinds.includes(initializer.kind)) return true;
  const parts = type && ts.isUnionTypeNode(type) ? type.types : type ? [type] : [];
  return parts.some(({ kind }) => kind === ts.SyntaxKind.BooleanKeyword);
}

function violationsIn(file) {
  const source = parsed(file);
  return functionsIn(source).flatMap(({ name, node }) => {
    if (exempt.some(([where, what]) => where === file && what === name)) return [];
    const given = positional(node);
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    const violationOf = (what) => ({ line: line + 1, key: `${file} ${name}: ${what}` });
    const flags = given.filter(isFlag).map((one) => violationOf(`the flag ${one.name.getText()} is positional`));
    return given.length > MOST ? [violationOf(`${given.length} positional parameters`), ...flags] : flags;
  });
}

const violations = roomFiles().flatMap(violationsIn);
for (const { line, key } of violations) console.error(`${key} (line ${line})`);
if (violations.length > 0) console.error(`give what is beyond ${MOST}, and every flag, as one object with names`);
process.exit(violations.length > 0 ? 1 : 0);
