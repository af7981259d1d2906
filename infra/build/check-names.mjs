// Fails when two files export a name of their own that is spelled alike: a name has one meaning, so that a search for it finds one
// thing; and when a name is made of a house word. Usage: node infra/build/check-names.mjs
import ts from "typescript";
import { houseWordsIn } from "./house-words.mjs";
import { parsed, roomFiles, testFiles } from "./room-files.mjs";

/** Names that several files must export. */
const dictated = [
  "handler", // Function Compute calls every function by it
];

/** The names that a file declares and exports, each once: a type may share its name with the schema beside it. */
function exportedIn(file) {
  const source = parsed(file);
  const exported = source.statements.filter((one) =>
    one.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  return new Set(exported.flatMap(declaredBy));
}

function declaredBy(statement) {
  if (!ts.isVariableStatement(statement)) return statement.name ? [statement.name.text] : [];
  return statement.declarationList.declarations.flatMap(({ name }) => boundBy(name));
}

/** The names of a variable, also of one taken apart. */
function boundBy(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (ts.isOmittedExpression(one) ? [] : boundBy(one.name)));
}

const filesOf = new Map();
for (const file of roomFiles()) {
  for (const name of exportedIn(file)) filesOf.set(name, [...(filesOf.get(name) ?? []), file]);
}
const violations = [...filesOf].filter(([name, where]) => where.length > 1 && !dictated.includes(name));
for (const [name, where] of violations) console.error(`${name} is exported by ${where.join(", ")}`);
if (violations.length > 0) console.error("give each a name that says which it is");

const refused = [...roomFiles(), ...testFiles()].flatMap((file) =>
  houseWordsIn(parsed(file)).map(({ name, line }) => `${file}:${line}: ${name}`),
);
for (const place of refused) console.error(`${place} is a house word: use the field's`);
process.exit(violations.length + refused.length > 0 ? 1 : 0);
