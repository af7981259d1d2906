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

const looksSecret = /password|secret|accesskey$|token/i;

/**
 * Collects connection properties from the command line, the environment and the person at the terminal.
 *
 * @throws BadInput when a variable is not set, JSON is broken, or a secret has to be asked for and nobody is there
 */
export async function propertiesOf(name: string, options: SourceOptions, call: CommandCall): Promise<JsonObject> {
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
    const value = own(terminal.env, variable);
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
  request: { readonly name: string; readonly properties: JsonObject },
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
      const typed = await typedValue(request.name, missing, call);
      if (typed === null) throw error;
      properties = { ...properties, ...typed };
    }
  }
}

/** Systems take an account without a password, but people seldom mean it. */
async function withPassword(
  { name, properties }: { readonly name: string; readonly properties: JsonObject },
  { terminal, json }: CommandCall,
): Promise<JsonObject> {
  if (json || properties.username === undefined || Object.keys(properties).some((one) => looksSecret.test(one)))
    return properties;
  const typed = await terminal.askSecret(`password of ${name}: `);
  return typed ? { ...properties, password: typed } : properties;
}

async function typedValue(name: string, property: string, { terminal }: CommandCall): Promise<JsonObject | null> {
  if (looksSecret.test(property)) {
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
