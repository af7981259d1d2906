import type { Command } from "commander";
import type { ConnectorSummary, ConnectorView, FieldView } from "../../../shared/model/connector-view.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

/** Adds `sluice connector`: the systems there are, and what each takes. */
export function addConnectorCommands(program: Command, shell: Shell): void {
  const connectors = program.command("connector").description("list the systems there are, and show what each takes");
  const list = connectors
    .command("list")
    .description("list the systems that can be read, written or registered")
    .action((_options: object, self: Command) => perform(shell, self, listConnectors));
  const show = connectors
    .command("show")
    .description("show every field of a system's data sources, reader and writer")
    .argument("<type>", "such as mysql, or another name of it")
    .option("--all", "also fields that are known and change nothing")
    .action((type: string, { all }: { readonly all?: boolean }, self: Command) =>
      perform(shell, self, (call) => showConnector(call, type, { withHidden: all === true })),
    );
  for (const command of [list, show]) withCommonOptions(command);
}

async function listConnectors(call: CommandCall) {
  const answer = await call.withClient((client) => client.connectors());
  call.answer(answer, () => call.terminal.out.write(`${summaryLines(answer.items).join("\n")}\n`));
  return done;
}

function summaryLines(connectors: readonly ConnectorSummary[]): string[] {
  return tableLines(connectors, [
    { title: "type", value: ({ type }) => type },
    { title: "system", value: ({ title }) => title },
    { title: "what there is", value: (connector) => abilitiesOf(connector).join(", ") },
    { title: "also", value: ({ aliases }) => aliases.join(", ") },
  ]);
}

function abilitiesOf({ readable, writable, testable, browsable }: ConnectorSummary): string[] {
  const all = { reader: readable, writer: writable, test: testable, catalog: browsable };
  return Object.entries(all).flatMap(([name, is]) => (is ? [name] : []));
}

interface Extent {
  readonly withHidden: boolean;
}

async function showConnector(call: CommandCall, type: string, extent: Extent) {
  const connector = await call.withClient((client) => client.connector({ type }));
  call.answer(connector, () => call.terminal.out.write(`${connectorText(connector, extent)}\n`));
  return done;
}

function connectorText(connector: ConnectorView, extent: Extent): string {
  const { type, title, aliases, source, reader, writer } = connector;
  const heads = [`${title}: ${type}${aliases.length > 0 ? `, also ${aliases.join(", ")}` : ""}`];
  const parts = { "data source": source, reader, writer };
  const sections = Object.entries(parts).flatMap(([name, part]) =>
    part ? [sectionText(name, part.fields, extent)] : [],
  );
  return [...heads, ...sections].join("\n\n");
}

function sectionText(name: string, all: readonly FieldView[], { withHidden }: Extent): string {
  const fields = all.filter(({ hidden }) => withHidden || !hidden);
  if (fields.length === 0) return `${name}: nothing to fill in`;
  const rows = fields.flatMap((field) => rowsOf(field, ""));
  const lines = tableLines(rows, [
    { title: name, value: ({ path }) => path },
    { title: "type", value: ({ field }) => typeText(field) },
    { title: "without it", value: ({ field }) => absenceText(field) },
    { title: "what it does", value: ({ field }) => field.help },
  ]);
  return lines.join("\n");
}

interface Row {
  readonly path: string;
  readonly field: FieldView;
}

/** A field, and below it those inside: `address[].host`. */
function rowsOf(field: FieldView, prefix: string): Row[] {
  const path = prefix + field.name;
  const inner = `${path}${field.type === "objects" ? "[]" : ""}.`;
  return [{ path, field }, ...(field.fields ?? []).flatMap((one) => rowsOf(one, inner))];
}

const typeTexts: Readonly<Record<FieldView["type"], string>> = {
  text: "text",
  number: "number",
  boolean: "true|false",
  choice: "text",
  texts: "texts",
  object: "object",
  objects: "objects",
  options: "object",
};

function typeText({ type, choices, secret }: FieldView): string {
  return `${choices ? choices.join("|") : typeTexts[type]}${secret ? " (secret)" : ""}`;
}

function absenceText({ required, unless, default: standard }: FieldView): string {
  if (required) return "required";
  if (unless) return `required, or ${unless.join(" or ")}`;
  return standard === undefined ? "" : JSON.stringify(standard);
}
