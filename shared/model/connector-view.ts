import type { Json, JsonObject } from "./json.js";

/**
 * What a field holds, as a form asks for it: `texts` is a list of texts, `object` has the fields told beside it, `objects` is a
 * list of such, `options` an object of texts by names that nobody knows beforehand.
 */
export const fieldTypes = ["text", "number", "boolean", "choice", "texts", "object", "objects", "options"] as const;
export type FieldType = (typeof fieldTypes)[number];

/** One parameter or connection property, as forms, questions, pages and import columns need it. */
export interface FieldView {
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** One line; empty where the schema has no note. */
  readonly help: string;
  readonly type: FieldType;
  /** True when nothing can be left out in its place; fields that replace each other are not required. */
  readonly required: boolean;
  /** Fields of which one may stand in its place; without them it is needed. */
  readonly unless?: readonly string[];
  /** Sealed at rest, never shown; to be asked for without echo. */
  readonly secret: boolean;
  /** Accepted, but nothing that a form should ask for. */
  readonly hidden: boolean;
  readonly choices?: readonly string[];
  readonly default?: Json;
  /** What is inside an `object`, or each of `objects`. */
  readonly fields?: readonly FieldView[];
}

/** A connector, and what it can do. */
export interface ConnectorSummary {
  /** The step type and the type of its data sources. */
  readonly type: string;
  readonly title: string;
  /** Other spellings that mean this type. */
  readonly aliases: readonly string[];
  readonly readable: boolean;
  readonly writable: boolean;
  /** It has a connectivity test. */
  readonly testable: boolean;
  /** What its data sources hold can be listed. */
  readonly browsable: boolean;
}

/** One side of a connector: the parameter of a step. */
export interface SideDescription {
  readonly fields: readonly FieldView[];
  /** A parameter to copy. */
  readonly template: JsonObject;
}

/** A connector with all its fields. */
export interface ConnectorView extends ConnectorSummary {
  /** Connection properties of a data source. */
  readonly source: { readonly fields: readonly FieldView[] };
  /** Null = it moves no records this way. */
  readonly reader: SideDescription | null;
  readonly writer: SideDescription | null;
}
