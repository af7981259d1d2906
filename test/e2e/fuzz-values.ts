/** A source of random choices that repeats itself for the same seed. */
export interface Random {
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
}

/** Makes a repeatable source (mulberry32). */
export function makeRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
  };
}

const awkward = [
  "",
  " ",
  "\0",
  "\ud800",
  "\u202e",
  "💥",
  "null",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "' OR 1=1 --",
  `$\{x}`,
  "$[yyyymmdd]",
  "<script>",
  "{",
  "[[",
  "9".repeat(400),
  "a".repeat(1100),
  "ä".repeat(600),
  "2026-13-45",
  "1970-01-01T00:00:00Z",
  "mysql",
  "stream",
  "production",
];

/** A text that somebody might send by mistake or on purpose. */
export function textOf(random: Random): string {
  return random.chance(0.7)
    ? random.pick(awkward)
    : Array.from({ length: random.below(12) }, () => String.fromCodePoint(1 + random.below(0x2fff))).join("");
}

/** Any JSON at all. */
export function nonsense(random: Random, depth = 0): unknown {
  const many = () => Array.from({ length: random.below(4) }, () => nonsense(random, depth + 1));
  const scalars = [null, true, 0, -1, 1.5, 1e308, 2 ** 60, textOf(random)];
  if (depth > 3 || random.chance(0.5)) return random.pick(scalars);
  if (random.chance(0.05)) return deep(random.pick([90, 150, 3000]));
  return random.chance(0.5) ? many() : Object.fromEntries(many().map((value) => [textOf(random), value]));
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** A value after a JSON schema, spoiled here and there. */
export function mutated(
  random: Random,
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
  depth = 0,
): unknown {
  if (depth > 6 || random.chance(0.08)) return nonsense(random);
  const inner = (one: Schema) => mutated(random, one, components, depth + 1);
  if (schema.$ref !== undefined) return inner(components[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return inner(random.pick(either));
  if (schema.type === "array") return Array.from({ length: random.below(3) }, () => inner(schema.items ?? {}));
  if (schema.type === "string")
    return random.chance(0.5) ? random.pick(["orders", "stream", script(random)]) : textOf(random);
  if (schema.type === "integer" || schema.type === "number") return random.pick([0, 1, -1, 3.5, 1e15]);
  if (schema.type === "boolean") return random.chance(0.5);
  if (schema.type !== "object") return nonsense(random);
  const names = Object.keys(schema.properties ?? {}).filter(
    (name) => random.chance(schema.required?.includes(name) ? 0.95 : 0.5) && name !== "__proto__",
  );
  const extra = random.chance(0.1) ? [[textOf(random), nonsense(random)]] : [];
  return Object.fromEntries([...names.map((name) => [name, inner(schema.properties?.[name] ?? {})]), ...extra]);
}

/** A job script that is nearly one. */
function script(random: Random): string {
  const step = (category: string) => ({
    stepType: random.pick(["stream", "stream", "mysql", "oss", "ots", textOf(random)]),
    category,
    name: category,
    parameter: random.chance(0.6)
      ? {
          column: [{ value: "a", type: random.pick(["string", "long", textOf(random)]) }],
          sliceRecordCount: random.pick([0, 1, 5, "x"]),
        }
      : { datasource: textOf(random), table: nonsense(random, 3), column: nonsense(random, 2) },
  });
  const job = {
    type: "job",
    version: random.pick(["2.0", "1.0", textOf(random)]),
    steps: [step("reader"), step("writer")],
    order: { hops: [{ from: "reader", to: "writer" }] },
    setting: { speed: { concurrent: random.pick([1, 0, 1e9, "2"]) }, errorLimit: nonsense(random, 3) },
  };
  return JSON.stringify(job).slice(0, random.chance(0.9) ? undefined : 40);
}
