/** Types without parameters. */
const plainTypes = [
  ...(["bigint", "int", "smallint", "tinyint", "boolean", "float", "double", "string", "binary", "json"] as const),
  ...(["datetime", "date", "timestamp", "timestamp_ntz", "interval_day_time", "interval_year_month"] as const),
] as const;

/** A type of MaxCompute, as record streams need it. */
export type WireType =
  | { readonly kind: (typeof plainTypes)[number] }
  /** Bare `decimal` of the old type system has 54 digits, 18 of them behind the point. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "varchar" | "char"; readonly length: number }
  | { readonly kind: "array"; readonly element: WireType }
  | { readonly kind: "map"; readonly key: WireType; readonly value: WireType }
  | { readonly kind: "struct"; readonly fields: readonly StructField[] }
  | { readonly kind: "vector"; readonly element: WireType; readonly length: number };

/** A field of a struct. */
export interface StructField {
  readonly name: string;
  readonly type: WireType;
}

const plainKinds: ReadonlySet<string> = new Set(plainTypes);

/**
 * Reads the name of a type, in any case, with blanks: `BIGINT`, `decimal(38, 18)`, `array<map<string,struct<a:int>>>`.
 *
 * @returns null when it is none that is known
 */
export function parseType(text: string): WireType | null {
  const [, name = "", rest = ""] = /^\s*([a-z_0-9]+)\s*([\s\S]*?)\s*$/i.exec(text) ?? [];
  const kind = name.toLowerCase();
  if (rest === "") return plainType(kind);
  const inner = rest.slice(1, -1);
  if (/^\(.*\)$/s.test(rest)) return withNumbers(kind, splitTop(inner));
  return /^<.*>$/s.test(rest) ? composite(kind, splitTop(inner)) : null;
}

function plainType(kind: string): WireType | null {
  if (kind === "decimal") return { kind, precision: 54, scale: 18 };
  return plainKinds.has(kind) ? { kind: kind as (typeof plainTypes)[number] } : null; // one of the set
}

function withNumbers(kind: string, parts: readonly string[]): WireType | null {
  if (kind === "vector") return vector(parts);
  const [first = Number.NaN, second = 0] = parts.map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (Number.isNaN(first) || Number.isNaN(second)) return null;
  if (kind === "decimal") return { kind, precision: first, scale: second };
  return (kind === "varchar" || kind === "char") && parts.length === 1 ? { kind, length: first } : null;
}

function vector([element = "", length = ""]: readonly string[]): WireType | null {
  const type = parseType(element);
  return type && /^\s*\d+\s*$/.test(length) ? { kind: "vector", element: type, length: Number(length) } : null;
}

function composite(kind: string, parts: readonly string[]): WireType | null {
  if (kind === "struct") return struct(parts);
  const [first, second] = parts.map(parseType);
  if (kind === "array" && parts.length === 1 && first) return { kind, element: first };
  return kind === "map" && parts.length === 2 && first && second ? { kind, key: first, value: second } : null;
}

function struct(parts: readonly string[]): WireType | null {
  const fields: StructField[] = [];
  for (const part of parts) {
    const [, name = "", typeText = ""] = /^\s*`?([^`:\s]+)`?\s*:([\s\S]+)$/.exec(part) ?? [];
    const type = parseType(typeText);
    if (!type) return null;
    fields.push({ name, type });
  }
  return { kind: "struct", fields };
}

/** Cuts at commas that stand in no brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "<" || sign === "(") depth++;
    if (sign === ">" || sign === ")") depth--;
    if (sign !== "," || depth > 0) continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}

/** The type's name as MaxCompute prints it. */
export function odpsTypeName(type: WireType): string {
  switch (type.kind) {
    case "decimal":
      return type.precision > 38 ? "decimal" : `decimal(${type.precision},${type.scale})`;
    case "varchar":
    case "char":
      return `${type.kind}(${type.length})`;
    case "array":
      return `array<${odpsTypeName(type.element)}>`;
    case "map":
      return `map<${odpsTypeName(type.key)},${odpsTypeName(type.value)}>`;
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}:${odpsTypeName(field.type)}`).join(",")}>`;
    case "vector":
      return `vector(${odpsTypeName(type.element)},${type.length})`;
    default:
      return type.kind;
  }
}
