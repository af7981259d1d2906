import type { Client } from "../../shared/api/client/client.js";
import { ApiProblem } from "../../shared/api/client/failures.js";
import type { Problem } from "../../shared/api/problem.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { own } from "../../shared/model/own.js";
import { BadInput } from "./bad-input.js";
import type { CommandCall } from "./shell.js";

/** Where `sluice source add` finds the properties. */
export interface SourceOptions {
  readonly set?: Readonly<Record<string, string>>;
  /** Properties to ask for. */
  readonly secret?: readonly string[];
  /** Properties by the environment variable that holds each. */
  readonly secretEnv?: Readonly<Record<string, string>>;
}

/** A data source as somebody types it. */
export interface TypedSource {
  readonly name: string;
  /** Properties that its system keeps secret, as of {@link secretProperties}. */
  readonly secrets: ReadonlySet<string>;
}

/** The properties that a system keeps secret, in small letters; none of a type that there is not: whoever uses it is refused by name. */
export async function secretProperties(client: Client, type: string): Promise<ReadonlySet<string>> {
  try {
    const { source } = await client.connector({ type });
    return new Set(source.fields.flatMap(({ name, secret }) => (secret ? [name.toLowerCase()] : [])));
  } catch (error) {
    if (error instanceof ApiProblem) return new Set();
    throw error;
  }
}

function isSecret({ secrets }: TypedSource, property: string): boolean {
  return secrets.has(property.toLowerCase());
}

/**
 * Collects connection properties from the command line, the environment and the person at the terminal.
 *
 * @throws BadInput when a variable is not set, JSON is broken, or a secret has to be asked for and nobody is there
 */
export async function propertiesOf(
  source: TypedSource,
  options: SourceOptions,
  call: CommandCall,
): Promise<JsonObject> {
  const { terminal } = call;
  const properties: Record<string, Json> = {};
  for (const [property, text] of Object.entries(options.set ?? {})) {
    if (isSecret(source, property) && !call.json)
      terminal.err.write(
        `${terminal.err.paint("yellow", "warning")}: ${property} now stands in your shell's history; --secret ${property} asks for it\n`,
      );
    properties[property] = propertyValue(property, text);
  }
  for (const [property, variable] of Object.entries(options.secretEnv ?? {})) {
    const value = own(terminal.env, variable);
    if (value === undefined)
      throw new BadInput(
        `the environment variable ${variable} is not set`,
        `Set it to the value of ${property}, or use --secret ${property}.`,
      );
    properties[property] = value;
  }
  for (const property of options.secret ?? []) properties[property] = await ask(source.name, property, call);
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

async function ask(name: string, property: string, { terminal }: CommandCall): Promise<string> {
  const typed = await terminal.askSecret(`${property} of ${name}: `);
  if (typed !== null) return typed;
  throw new BadInput(
    `cannot ask for ${property}: standard input is no terminal`,
    `Use --secret-env ${property}=VARIABLE.`,
  );
}

/** More questions than this in a row are a loop. */
const MOST_QUESTIONS = 12;

/**
 * Makes a call with connection properties. What the API misses is asked for where somebody sits at the terminal, secrets
 * without showing them, and the call repeated, so that nobody has to know which properties a system wants.
 */
export async function askingForMissing<T>(
  request: TypedSource & { readonly properties: JsonObject },
  call: CommandCall,
  send: (properties: JsonObject) => Promise<T>,
): Promise<{ readonly answer: T; readonly properties: JsonObject }> {
  let properties = await withPassword(request, call);
  for (let questions = 0; ; questions++) {
    try {
      return { answer: await send(properties), properties };
    } catch (error) {
      const [missing] = error instanceof ApiProblem && !call.json ? missingProperties(error.problem, properties) : [];
      if (missing === undefined || questions >= MOST_QUESTIONS) throw error;
      const typed = await typedValue(request, missing, call);
      if (typed === null) throw error;
      properties = { ...properties, ...typed };
    }
  }
}

/** Systems take an account without a password, but people seldom mean it. */
async function withPassword(
  { properties, ...source }: TypedSource & { readonly properties: JsonObject },
  { terminal, json }: CommandCall,
): Promise<JsonObject> {
  const hasSecret = Object.keys(properties).some((one) => isSecret(source, one));
  if (json || properties.username === undefined || hasSecret || !isSecret(source, "password")) return properties;
  const typed = await terminal.askSecret(`password of ${source.name}: `);
  return typed ? { ...properties, password: typed } : properties;
}

async function typedValue(
  source: TypedSource,
  property: string,
  { terminal }: CommandCall,
): Promise<JsonObject | null> {
  const { name } = source;
  if (isSecret(source, property)) {
    const typed = await terminal.askSecret(`${property} of ${name}: `);
    return typed === null ? null : { [property]: typed };
  }
  // A list of addresses is seldom longer than one.
  if (property !== "address") {
    const typed = await terminal.ask(`${property} of ${name}: `);
    return typed ? { [property]: typed } : null;
  }
  const host = await terminal.ask(`host of ${name}: `);
  if (!host) return null;
  const port = await terminal.ask(`port of ${name} (empty: the usual one): `);
  return { host, ...(port && { port }) };
}

function missingProperties({ code, path, issues = [] }: Problem, given: JsonObject): string[] {
  if (code !== "CONFIG_INVALID") return [];
  const places = [path, ...issues.map((issue) => issue.path)].filter((place) => place?.startsWith("properties."));
  const names = places.flatMap((place) => place?.split(/\W/).at(-1) || []);
  return [...new Set(names)].filter((name) => given[name] === undefined);
}
