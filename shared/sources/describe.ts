import { z } from "zod";
import type { Connector } from "../connectors/contract.js";
import { aliasesOf } from "../connectors/registry.js";
import type { Json } from "../model/json.js";

/** One connection property, as forms, questions and import columns need it. */
export interface SourceField {
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** `addresses` is a list of `{host, port}`, `options` an object of texts. */
  readonly type: "text" | "number" | "boolean" | "choice" | "addresses" | "options";
  /** True when nothing can be left out in its place; properties that replace each other are not required. */
  readonly required: boolean;
  /** Sealed at rest, never shown; to be asked for without echo. */
  readonly secret: boolean;
  /** Accepted, but nothing that a form should ask for. */
  readonly hidden: boolean;
  readonly choices?: readonly string[];
  readonly default?: Json;
}

/** A type of data source. */
export interface SourceType {
  readonly type: string;
  readonly title: string;
  /** Other spellings that mean this type. */
  readonly aliases: readonly string[];
  /** False = it has no connectivity test. */
  readonly testable: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly fields: readonly SourceField[];
}

/** Describes a connector's data source; everything comes from its schema. */
export function describeSource(connector: Connector): SourceType {
  const shape = shapeOf(connector.source.schema);
  return {
    type: connector.name,
    title: connector.title,
    aliases: aliasesOf(connector.name),
    testable: connector.check !== undefined,
    readable: connector.reader !== undefined,
    writable: connector.writer !== undefined,
    fields: Object.entries(shape).map(([name, schema]) =>
      describeField(name, schema, connector.source.secrets.includes(name)),
    ),
  };
}

/**
 * Names that an object inside the properties may have.
 *
 * @param path  of the object, as an issue of the schema names it; empty = the properties themselves
 */
export function propertyNames(connector: Pick<Connector, "source">, path: readonly PropertyKey[]): readonly string[] {
  const below = (schema: unknown, key: PropertyKey): unknown => {
    const { inner } = unwrap(schema);
    return inner instanceof z.ZodArray ? inner.element : shapeOf(inner)[String(key)];
  };
  return Object.keys(shapeOf(path.reduce(below, connector.source.schema)));
}

/** The properties of an object schema, also below checks and a transformation. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function describeField(name: string, schema: unknown, secret: boolean): SourceField {
  const { inner, required, fallback, meta } = unwrap(schema);
  const choices = inner instanceof z.ZodEnum ? inner.options.map(String) : undefined;
  return {
    name,
    label: typeof meta.title === "string" ? meta.title : labelOf(name),
    type: typeOf(inner),
    required,
    secret,
    hidden: meta.hidden === true,
    ...(choices && { choices }),
    ...(isPlain(fallback) && fallback !== "" && { default: fallback }),
  };
}

interface Unwrapped {
  readonly inner: unknown;
  readonly required: boolean;
  readonly fallback: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Takes off what surrounds the type itself: optional, default, coercion, transformation. */
function unwrap(schema: unknown): Unwrapped {
  const meta = schema instanceof z.ZodType ? (schema.meta() ?? {}) : {};
  const below = (inner: unknown, change: Partial<Unwrapped> = {}): Unwrapped => {
    const found = unwrap(inner);
    return { ...found, ...change, meta: { ...found.meta, ...meta } };
  };
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return below(schema.def.innerType, { required: false });
  if (schema instanceof z.ZodDefault)
    return below(schema.def.innerType, { required: false, fallback: schema.def.defaultValue });
  if (schema instanceof z.ZodPipe) return below(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return { inner: schema, required: true, fallback: undefined, meta };
}

function typeOf(schema: unknown): SourceField["type"] {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodEnum) return "choice";
  if (schema instanceof z.ZodArray) return "addresses";
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodObject) return "options";
  return "text";
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** `connectTimeout` reads as "Connect timeout". */
function labelOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
