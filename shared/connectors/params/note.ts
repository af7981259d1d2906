import { z } from "zod";
import type { FieldType } from "../../model/connector-view.js";
import type { Json } from "../../model/json.js";

/** What a schema cannot say of itself. Everything but the help stands here only where the schema does not tell. */
export interface Note {
  /** One line for people: what it does, in which unit, what happens without it. */
  readonly help: string;
  /** A name for people; absent = made of the key. */
  readonly title?: string;
  readonly type?: FieldType;
  readonly required?: boolean;
  /** Needed unless one of these fields is given in its place. */
  readonly unless?: readonly string[];
  /** Sealed at rest, never shown. */
  readonly secret?: boolean;
  /** Accepted, but nothing that a form should ask for. */
  readonly hidden?: boolean;
  /** Its text becomes SQL. */
  readonly isSql?: boolean;
  readonly choices?: readonly string[];
  readonly default?: Json;
  /** The object schema that describes what is inside, where the field's own is taken apart by hand. */
  readonly inside?: z.ZodType;
}

const notes = new WeakMap<object, Note>();

/** A schema with a note: a field that can be described. Checks behind it keep the note. */
export function param<S extends z.ZodType>(schema: S, note: Note): S {
  const noted = schema.clone();
  notes.set(noted, note);
  return noted;
}

/** What is noted of a schema itself, or of what it was made of by adding checks; empty when nothing is. */
export function noteOf(schema: unknown): Partial<Note> {
  let at: z.core.$ZodType | undefined = schema instanceof z.ZodType ? schema : undefined;
  while (at) {
    const note = notes.get(at);
    if (note) return note;
    at = at._zod.parent;
  }
  return {};
}
