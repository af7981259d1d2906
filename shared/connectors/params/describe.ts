import { z } from "zod";
import type { FieldType, FieldView } from "../../model/connector-view.js";
import { type Note, noteOf } from "./note.js";

/** The fields of an object schema, in its order; also below checks and a transformation. None for other schemas. */
export function describeFields(schema: z.ZodType): readonly FieldView[] {
  return Object.entries(shapeOf(schema)).map(([name, inner]) => describeField(name, inner));
}

/** The names of {@link describeFields}. */
export function parameterKeys(schema: z.ZodType): readonly string[] {
  return Object.keys(shapeOf(schema));
}

/** The names of the fields that are sealed at rest. */
export function secretsOf(schema: z.ZodType): readonly string[] {
  return describeFields(schema).flatMap(({ name, secret }) => (secret ? [name] : []));
}

/** The names of the fields whose text becomes SQL, of those inside others too. */
export function sqlKeysOf(schema: unknown): readonly string[] {
  return Object.entries(shapeOf(schema)).flatMap(([name, field]) => {
    const { inner, note } = unwrap(field);
    const inside = note.inside ?? (inner instanceof z.ZodArray ? inner.element : inner);
    return [...(note.isSql ? [name] : []), ...sqlKeysOf(inside)];
  });
}

/**
 * Names that an object inside may have.
 *
 * @param path  of the object, as an issue of the schema names it; empty = the whole
 */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const below = (outer: unknown, key: PropertyKey): unknown => {
    const { inner } = unwrap(outer);
    return inner instanceof z.ZodArray ? inner.element : shapeOf(inner)[String(key)];
  };
  return Object.keys(shapeOf(path.reduce(below, schema)));
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { inner } = unwrap(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function describeField(name: string, schema: unknown): FieldView {
  const { inner, required, fallback, note } = unwrap(schema);
  const choices = note.choices ?? (inner instanceof z.ZodEnum ? inner.options.map(String) : undefined);
  const standard = note.default ?? fallback;
  const fields = insideOf(inner, note);
  return {
    name,
    label: note.title ?? labelOf(name),
    help: note.help ?? "",
    type: note.type ?? typeOf(inner, choices),
    required: note.required ?? required,
    secret: note.secret ?? false,
    hidden: note.hidden ?? false,
    ...(note.unless && { unless: note.unless }),
    ...(choices && { choices }),
    ...(isPlain(standard) && standard !== "" && { default: standard }),
    ...(fields.length > 0 && { fields }),
  };
}

function insideOf(inner: unknown, { inside }: Partial<Note>): readonly FieldView[] {
  if (inside) return describeFields(inside);
  if (inner instanceof z.ZodObject) return describeFields(inner);
  return inner instanceof z.ZodArray && inner.element instanceof z.ZodType ? describeFields(inner.element) : [];
}

interface Unwrapped {
  readonly inner: unknown;
  readonly required: boolean;
  readonly fallback: unknown;
  readonly note: Partial<Note>;
}

/** Takes off what surrounds the type itself: optional, default, coercion, transformation. The outer note wins. */
function unwrap(schema: unknown): Unwrapped {
  const note = noteOf(schema);
  const below = (inner: unknown, change: Partial<Unwrapped> = {}): Unwrapped => {
    const found = unwrap(inner);
    return { ...found, ...change, note: { ...found.note, ...note } };
  };
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return below(schema.def.innerType, { required: false });
  if (schema instanceof z.ZodDefault)
    return below(schema.def.innerType, { required: false, fallback: schema.def.defaultValue });
  if (schema instanceof z.ZodPipe) return below(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return { inner: schema, required: true, fallback: undefined, note };
}

function typeOf(schema: unknown, choices: readonly string[] | undefined): FieldType {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (choices) return "choice";
  if (schema instanceof z.ZodArray) return unwrap(schema.element).inner instanceof z.ZodObject ? "objects" : "texts";
  if (schema instanceof z.ZodRecord) return "options";
  return schema instanceof z.ZodObject ? "object" : "text";
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** `connectTimeout` reads as "Connect timeout". */
function labelOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
