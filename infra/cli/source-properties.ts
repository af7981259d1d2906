import type { Json, JsonObject } from "../../shared/model/json.js";
import type { DataSourceView } from "../../shared/model/run.js";
import type { Client, DataSourceRequest } from "./client.js";
import { ApiProblem, BadInput, type Problem } from "./failures.js";
import type { Call } from "./shell.js";

/** Where `sluice source add` finds the properties. */
export interface SourceOptions {
  readonly set?: Readonly<Record<string, string>>;
  /** Properties to ask for. */
  readonly secret?: readonly string[];
  /** Properties by the environment variable that holds each. */
  readonly secretEnv?: Readonly<Record<string, string>>;
}

const looksSecret = /password|secret|accesskey$|token/i;

/**
 * Collects connection properties from the command line, the environment and the person at the terminal.
 *
 * @throws BadInput when a variable is not set, JSON is broken, or a secret has to be asked for and nobody is there
 */
export async function propertiesOf(name: string, options: SourceOptions, call: Call): Promise<JsonObject> {
  const { terminal } = call;
  const properties: Record<string, Json> = {};
  for (const [property, text] of Object.entries(options.set ?? {})) {
    if (looksSecret.test(property) && !call.json)
      terminal.err.write(
        `${terminal.err.paint("yellow", "warning")}: ${property} now stands in your shell's history; --secret ${property} asks for it\n`,
      );
    properties[property] = propertyValue(property, text);
  }
  for (const [property, variable] of Object.entries(options.secretEnv ?? {})) {
    const value = terminal.env[variable];
    if (value === undefined)
      throw new BadInput(
        `the environment variable ${variable} is not set`,
        `Set it to the value of ${property}, or use --secret ${property}.`,
      );
    properties[property] = value;
  }
  for (const property of options.secret ?? []) properties[property] = await ask(name, property, call);
  return properties;
}

function propertyValue(property: string, text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadInput(
      `--set ${property}: the value begins like JSON but is none`,
      'Quote it for the shell: --set \'address=[{"host":"db1","port":3306}]\'.',
      { cause },
    );
  }
}

async function ask(name: string, property: string, { terminal }: Call): Promise<string> {
  const typed = await terminal.askSecret(`${property} of ${name}: `);
  if (typed !== null) return typed;
  throw new BadInput(
    `cannot ask for ${property}: standard input is no terminal`,
    `Use --secret-env ${property}=VARIABLE.`,
  );
}

/**
 * Registers a data source. Where the API misses a property that is a secret by its name and somebody sits at the terminal,
 * it is asked for and the call repeated, so that nobody has to know which properties to announce with `--secret`.
 */
export async function createAskingForSecrets(
  client: Client,
  request: DataSourceRequest,
  call: Call,
): Promise<DataSourceView> {
  try {
    return await client.createDataSource(request);
  } catch (error) {
    const missing = error instanceof ApiProblem && !call.json ? missingSecrets(error.problem, request.properties) : [];
    const asked: Record<string, Json> = {};
    for (const property of missing) {
      const typed = await call.terminal.askSecret(`${property} of ${request.name}: `);
      if (typed === null) throw error;
      asked[property] = typed;
    }
    if (missing.length === 0) throw error;
    return client.createDataSource({ ...request, properties: { ...request.properties, ...asked } });
  }
}

function missingSecrets({ code, path, issues = [] }: Problem, given: JsonObject): string[] {
  if (code !== "CONFIG_INVALID") return [];
  const names = [path, ...issues.map((issue) => issue.path)].flatMap((place) => place?.match(/\w+$/) ?? []);
  return [...new Set(names)].filter((name) => looksSecret.test(name) && given[name] === undefined);
}
