import { z } from "zod";
import { own } from "../../model/own.js";
import { type Note, param } from "./note.js";

/** A note beside which the schema has a value for who leaves the field out. */
type WithDefault<T> = Note & { readonly default: T };
type Required = Note & { readonly required: true };

/** Text, numbers and booleans as the text they stand for. */
const scalarText = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  z.string(),
);

/** Text without surrounding blanks, numbers and booleans as text; blank = absent (null). */
export function text(note: Note): z.ZodType<string | null> {
  return param(
    scalarText.nullish().transform((given) => given?.trim() || null),
    note,
  );
}

/** Text exactly as it is written, blanks around it included; nothing but blanks = absent (null). */
export function untrimmedText(note: Note): z.ZodType<string | null> {
  return param(
    scalarText.nullish().transform((given) => (given?.trim() ? given : null)),
    note,
  );
}

/** Text exactly as it is written, where blank and even empty is a value too; only null = absent. */
export function verbatim(note: Note): z.ZodType<string | null | undefined> {
  return param(z.string().nullish(), note);
}

/** Text that must be there, without surrounding blanks. */
export function requiredText(note: Note): z.ZodType<string> {
  return param(z.string().trim().min(1), note);
}

/** A boolean, also as the text `true` or `false` in any case; blank = absent. */
export function flag(note: WithDefault<boolean>): z.ZodType<boolean>;
export function flag(note: Note): z.ZodType<boolean | undefined>;
export function flag(note: Note): z.ZodType<boolean | undefined> {
  const inner = typeof note.default === "boolean" ? z.boolean().default(note.default) : z.boolean().optional();
  return param(z.preprocess(asBoolean, inner), note);
}

function asBoolean(value: unknown): unknown {
  const given = presentOrNot(value);
  return typeof given === "string" ? (own({ true: true, false: false }, given.trim().toLowerCase()) ?? value) : given;
}

/** Limits of a number, both inclusive; the least is 1 unless it is told. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number from `min` to `max`, also as text; blank = absent. */
export function countParam(note: (WithDefault<number> | Required) & Bounds): z.ZodType<number>;
export function countParam(note: Note & Bounds): z.ZodType<number | undefined>;
export function countParam({ min = 1, max, ...note }: Note & Bounds): z.ZodType<number | undefined> {
  const bounded = z.number().int().min(min);
  const whole = max === undefined ? bounded : bounded.max(max);
  const absent = typeof note.default === "number" ? whole.default(note.default) : whole.optional();
  return param(z.preprocess(asNumber, note.required ? whole : absent), note);
}

function asNumber(value: unknown): unknown {
  const given = presentOrNot(value);
  return typeof given === "string" && /^\s*[-+]?\d+(\.\d+)?\s*$/.test(given) ? Number(given) : given;
}

/** One of `values`, in any case and with blanks around it; blank = absent. `error` says what else there is to know. */
export function choice<const T extends string>(
  values: readonly T[],
  note: (WithDefault<NoInfer<T>> | Required) & { readonly error?: string },
): z.ZodType<T>;
export function choice<const T extends string>(
  values: readonly T[],
  note: Note & { readonly error?: string },
): z.ZodType<T | undefined>;
export function choice(
  values: readonly string[],
  { error, ...note }: Note & { readonly error?: string },
): z.ZodType<string | undefined> {
  const one = z.enum([...values], error === undefined ? {} : { error });
  const absent = typeof note.default === "string" ? one.default(note.default) : one.optional();
  const named = (value: unknown): unknown => {
    const given = presentOrNot(value);
    if (typeof given !== "string") return given;
    return values.find((known) => known.toLowerCase() === given.trim().toLowerCase()) ?? given;
  };
  return param(z.preprocess(named, note.required ? one : absent), note);
}

/** A list of texts, each as of {@link text}; a single one is promoted, blank ones are dropped. */
export function texts(note: Note): z.ZodOptional<z.ZodType<readonly string[]>> {
  const list = z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(scalarText),
  );
  return param(list.transform((given) => given.map((one) => one.trim()).filter((one) => one !== "")).optional(), note);
}

/** A list of at least one text; a single one is promoted, blank ones are refused. */
export function requiredTexts(note: Note): z.ZodType<readonly string[]> {
  const list = z.array(z.string().trim().min(1)).min(1);
  return param(
    z.preprocess((value) => (typeof value === "string" ? [value] : value), list),
    note,
  );
}

/** A key that published jobs and editors write and that changes nothing here, whatever it says. */
export function idle(why = "accepted for the sake of published jobs"): z.ZodOptional<z.ZodType<undefined>> {
  return param(nothing(), { help: `Changes nothing: ${why}.`, type: "text", hidden: true });
}

/** Keys that change nothing; see {@link idle}. */
export type Ignored = Readonly<Record<string, ReturnType<typeof idle>>>;

/** The same schema, for which more keys are known that change nothing. */
export function withIgnored<S extends z.ZodRawShape>(schema: z.ZodObject<S>, ignored: Ignored): z.ZodObject<S> {
  const whole: z.ZodObject = z.object({ ...schema.shape, ...ignored });
  // What is parsed has nothing under those keys.
  return whole as z.ZodObject<S>;
}

/** The data source of the step, which is looked up before a connector sees its parameter. */
export function dataSource(): z.ZodOptional<z.ZodType<undefined>> {
  return param(nothing(), { help: "Name of the data source.", title: "Data source", type: "text", required: true });
}

function nothing(): z.ZodOptional<z.ZodType<undefined>> {
  return z.preprocess(() => undefined, z.undefined()).optional();
}

function presentOrNot(value: unknown): unknown {
  return value === null || (typeof value === "string" && value.trim() === "") ? undefined : value;
}
