import type { ConnectorView, FieldView } from "../../../shared/model/connector-view.js";

/** A connector's page: its fields as tables, from what it says of itself. */
export function connectorPage(connector: ConnectorView): string {
  const { title, type, aliases, source, reader, writer } = connector;
  const also = aliases.length > 0 ? `, also ${aliases.map(code).join(", ")}` : "";
  return [
    `# ${title}`,
    "<!-- Made from the schemas by SLUICE_WRITE_DOCS=1 npx vitest run --project unit test/unit/docs/connectors.test.ts -->",
    `Type ${code(type)}${also}. ${sentence(abilitiesOf(connector))}`,
    ...section("Data source", source.fields),
    ...(reader ? [...section("Reader", reader.fields), fenced(reader.template)] : []),
    ...(writer ? [...section("Writer", writer.fields), fenced(writer.template)] : []),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The page that lists the pages. */
export function indexPage(connectors: readonly ConnectorView[]): string {
  const rows = connectors.map(
    ({ title, type, ...can }) => `| [${title}](${type}.md) | ${code(type)} | ${abilitiesOf(can).join(", ")} |`,
  );
  return `# Connectors

What each system takes in data sources and job files. \`sluice connector list\` and \`sluice connector show\` tell the same.

| system | type | what there is |
|---|---|---|
${rows.join("\n")}
`;
}

function abilitiesOf(can: Pick<ConnectorView, "readable" | "writable" | "testable" | "browsable">): string[] {
  const all = [
    [can.readable, "reader"],
    [can.writable, "writer"],
    [can.testable, "connectivity test"],
    [can.browsable, "catalog"],
  ] as const;
  return all.flatMap(([is, name]) => (is ? [name] : []));
}

function sentence(abilities: readonly string[]): string {
  return `It has ${abilities.map((one) => `a ${one}`).join(", ")}.`.replace(/, ([^,]*)$/, " and $1");
}

function section(title: string, fields: readonly FieldView[]): string[] {
  const visible = fields.filter(({ hidden }) => !hidden);
  const hidden = fields.filter(({ hidden }) => hidden);
  return [
    `## ${title}`,
    visible.length === 0 ? "Nothing to fill in." : tableOf(visible),
    ...(hidden.length > 0 ? [`Also known: ${hidden.map(mentioned).join("; ")}.`] : []),
  ];
}

function tableOf(fields: readonly FieldView[]): string {
  const rows = fields.flatMap((field) => rowsOf(field, ""));
  return ["| name | type | without it | what it does |", "|---|---|---|---|", ...rows].join("\n");
}

function rowsOf(field: FieldView, prefix: string): string[] {
  const { name, type, help, fields = [] } = field;
  const whole = `${prefix}${name}`;
  const inner = `${whole}${type === "objects" ? "[]" : ""}.`;
  const row = `| ${code(whole)} | ${kindOf(field)} | ${absence(field)} | ${cell(help)} |`;
  return [row, ...fields.flatMap((one) => rowsOf(one, inner))];
}

const kinds: Readonly<Record<FieldView["type"], string>> = {
  text: "text",
  number: "number",
  boolean: "true or false",
  choice: "text",
  texts: "texts",
  object: "object",
  objects: "list of objects",
  options: "object of texts",
};

function kindOf({ type, choices, secret }: FieldView): string {
  const kind = choices ? choices.map(code).join(", ") : kinds[type];
  return secret ? `${kind}, secret` : kind;
}

function absence({ required, unless = [], default: standard }: FieldView): string {
  if (required) return "required";
  if (unless.length > 0) return `required unless ${unless.map(code).join(" or ")}`;
  return standard === undefined ? "" : code(JSON.stringify(standard));
}

function mentioned({ name, help }: FieldView): string {
  return `${code(name)} (${cell(help).replace(/\.$/, "")})`;
}

function fenced(template: object): string {
  return `\`\`\`json\n${JSON.stringify(template, null, 2)}\n\`\`\``;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** In a table, a bar would end the cell, and pointed brackets would be markup. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/<(\w+)>/g, "`<$1>`");
}
