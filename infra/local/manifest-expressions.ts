import { UserError } from "../../shared/model/errors.js";

/** Where the file's expressions take their values from. */
export interface ManifestValues {
  /** Values of `${env('NAME', 'default')}`; the process's own environment is not consulted. */
  readonly environment: Readonly<Record<string, string>>;
  /** Value of `${config('AccountID')}`. */
  readonly accountId: string;
}

interface Scope extends ManifestValues {
  readonly vars: unknown;
  /** Names of variables on the way here: one that comes up again would never end. */
  readonly trail: readonly string[];
}

const EXPRESSION = /\$\{([^}]*)\}/g;

/**
 * Replaces the expressions of a parsed file, everywhere in it. A string that is one expression takes the value's own
 * type; inside a longer string the value is printed.
 *
 * @throws UserError CONFIG_INVALID for an unknown variable, a variable that refers to itself, an environment value
 *   without default that is not given, or an expression of another kind
 */
export function interpolate(document: Record<string, unknown>, values: ManifestValues): Record<string, unknown> {
  const scope: Scope = { ...values, vars: document.vars ?? {}, trail: [] };
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, replaceIn(value, scope)]));
}

function replaceIn(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") return replaceInText(value, scope);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, scope));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceIn(item, scope)]));
}

function replaceInText(text: string, scope: Scope): unknown {
  const whole = /^\$\{([^}]*)\}$/.exec(text)?.[1];
  if (whole !== undefined) return evaluate(whole.trim(), scope);
  return text.replace(EXPRESSION, (_, expression: string) => String(evaluate(expression.trim(), scope)));
}

function evaluate(expression: string, scope: Scope): unknown {
  if (expression.startsWith("vars.")) return variable(expression.slice("vars.".length), scope);
  const call = /^(env|config)\(\s*'([^']*)'\s*(?:,\s*'([^']*)'\s*)?\)$/.exec(expression);
  const [, kind, name = "", fallback] = call ?? [];
  if (kind === "config" && name === "AccountID") return scope.accountId;
  if (kind === "env") {
    const value = scope.environment[name] ?? fallback;
    if (value !== undefined) return value;
    throw new UserError(
      "CONFIG_INVALID",
      `\${${expression}}: the environment value ${name} is not given and has no default`,
    );
  }
  throw new UserError(
    "CONFIG_INVALID",
    `\${${expression}}: the local cloud understands vars.name, env('NAME', 'default') and config('AccountID')`,
  );
}

function variable(name: string, scope: Scope): unknown {
  if (scope.trail.includes(name)) throw new UserError("CONFIG_INVALID", `vars.${name} refers to itself`);
  let value = scope.vars;
  for (const part of name.split(".")) {
    value =
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([key]) => key === part)?.[1]
        : undefined;
  }
  if (value === undefined) throw new UserError("CONFIG_INVALID", `vars.${name} is not defined`);
  return replaceIn(value, { ...scope, trail: [...scope.trail, name] });
}
