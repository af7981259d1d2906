import type { Connector } from "../../connectors/contract.js";
import { describeFields } from "../../connectors/params/describe.js";
import { loadConnector } from "../../connectors/registry.js";
import type { FieldView } from "../../model/connector-view.js";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { faultOfJson } from "../../model/json-shape.js";
import type { SourceEnvironment, Workspace } from "../../model/workspace.js";
import { checkName, type DefinitionInput } from "../data-sources.js";
import { meantEnvironment } from "../workspaces.js";

/** What one row of an import asks for. */
export interface RowSource {
  readonly name: string;
  readonly type: string;
  readonly environment: SourceEnvironment;
  readonly input: DefinitionInput;
}

/** Columns that mean the same for every type; all others are properties. */
const common = [
  "type",
  "name",
  "description",
  "environment",
  "tags",
  "resourceGroup",
  "url",
  "user",
  "password",
  "properties",
];

/**
 * Understands a row.
 *
 * @throws UserError CONFIG_INVALID naming the column; no message repeats a value that may hold a secret
 */
export async function sourceOfRow(fields: JsonObject, workspace: Workspace): Promise<RowSource> {
  const name = textOf(fields, "name");
  checkName(name);
  const connector = await loadConnector(textOf(fields, "type"));
  const environment = meantEnvironment(workspace, environmentOf(fields.environment, workspace));
  const description = textOf(fields, "description");
  if (description.length > 80)
    throw new UserError("CONFIG_INVALID", "description: longer than 80 characters", { path: "description" });
  const resourceGroup = textOf(fields, "resourceGroup") || null;
  const properties = propertiesOf(fields, connector);
  const input = { description, tags: tagsOf(fields.tags), resourceGroup, properties };
  return { name, type: connector.name, environment, input };
}

function textOf(fields: JsonObject, column: string): string {
  const value = fields[column] ?? "";
  if (typeof value === "string" || typeof value === "number") return String(value).trim();
  throw new UserError("CONFIG_INVALID", `${column}: expected a text`, { path: column });
}

const environments: ReadonlyMap<string, SourceEnvironment> = new Map([
  ["0", "development"],
  ["dev", "development"],
  ["development", "development"],
  ["1", "production"],
  ["prod", "production"],
  ["production", "production"],
]);

/** 0 or 1 as known templates say; nothing is production where there is no other. */
function environmentOf(value: Json | undefined, { mode }: Workspace): SourceEnvironment | undefined {
  const text = String(value ?? "")
    .trim()
    .toLowerCase();
  if (text === "") return mode === "basic" ? "production" : undefined;
  const found = environments.get(text);
  if (found) return found;
  throw new UserError("CONFIG_INVALID", "environment: expected 0 for development or 1 for production", {
    path: "environment",
  });
}

function tagsOf(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(/[,;]/) : [];
}

function propertiesOf(fields: JsonObject, connector: Connector): JsonObject {
  const known = describeFields(connector.source.schema);
  const properties: Record<string, Json | undefined> = { ...propertiesColumn(fields.properties, known) };
  for (const [column, value] of Object.entries(fields)) {
    if (common.includes(column) || value === undefined || value === null || value === "") continue;
    const field = known.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    if (!field)
      throw new UserError("CONFIG_INVALID", `${column}: type ${connector.name} has no such property`, { path: column });
    properties[field.name] = propertyValue(field, value);
  }
  return { ...properties, ...accountOf(fields, connector, known) };
}

/** All properties at once, or the type's own property of this name: driver options, whose names are no properties. */
function propertiesColumn(value: Json | undefined, known: readonly FieldView[]): JsonObject {
  if (value === undefined || value === null || value === "") return {};
  const given = propertyValue({ name: "properties", type: "options" }, value);
  if (!isJsonObject(given))
    throw new UserError("CONFIG_INVALID", "properties: expected a JSON object", { path: "properties" });
  const isProperty = (key: string) => known.some(({ name }) => name === key);
  return isProperty("properties") && !Object.keys(given).some(isProperty) ? { properties: given } : given;
}

const jsonTypes: readonly FieldView["type"][] = ["object", "objects", "options"];

/** Lists and objects stand in a cell as JSON. */
function propertyValue({ name, type }: Pick<FieldView, "name" | "type">, value: Json): Json {
  if (typeof value !== "string" || !jsonTypes.includes(type)) return value;
  const parsed = parsedJson(value);
  if (parsed === undefined) throw new UserError("CONFIG_INVALID", `${name}: expected JSON`, { path: name });
  const fault = typeof parsed === "object" && parsed !== null ? faultOfJson(value, parsed) : null;
  if (fault !== null) throw new UserError("CONFIG_INVALID", `${name}: ${fault}`, { path: name });
  return parsed;
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Blanks count. */
function passwordOf({ password = "" }: JsonObject): string {
  if (typeof password === "string" || typeof password === "number") return String(password);
  if (password === null) return "";
  throw new UserError("CONFIG_INVALID", "password: expected a text", { path: "password" });
}

/** What the columns url, user and password mean for the type. */
function accountOf(fields: JsonObject, { source, name }: Connector, known: readonly FieldView[]): JsonObject {
  const has = (field: string) => known.some((one) => one.name === field);
  const url = textOf(fields, "url");
  const user = textOf(fields, "user");
  const password = passwordOf(fields);
  const account = {
    ...(user !== "" && { [has("username") ? "username" : "accessId"]: user }),
    ...(password !== "" && { [has("password") ? "password" : "accessKey"]: password }),
  };
  if (url === "") return account;
  if (has("jdbcUrl")) return { ...account, jdbcUrl: url };
  if (has("endpoint")) return { ...account, endpoint: url };
  const taken = source.fromInline?.({ connection: [{ jdbcUrl: url, table: [] }] });
  const [properties] = Object.values(taken?.sources ?? {});
  if (!properties)
    throw new UserError("CONFIG_INVALID", `url: type ${name} takes none; give its properties as columns`, {
      path: "url",
    });
  const { username, password: _none, ...place } = properties;
  return { ...place, ...account };
}
