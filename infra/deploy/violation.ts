/** Something in the declarations that must not be deployed. */
export interface Violation {
  /** Name of the resource in `s.yaml`; `-` for the file as a whole. */
  readonly resource: string;
  /** Path of the field, such as `props.triggers[0].triggerConfig.methods`. */
  readonly field: string;
  /** The value seen, as JSON, cut where it is long; `(secret)` where it may be one. */
  readonly value: string;
  readonly expected: string;
}

const LONGEST = 80;

/** Makes a violation; `value` undefined = the field is absent. */
export function violation(
  resource: string,
  field: string,
  { value, expected }: { value: unknown; expected: string },
): Violation {
  return { resource, field, value: displayText(field, value), expected };
}

function displayText(field: string, value: unknown): string {
  if (value === undefined) return "(absent)";
  if (/KEY$|KEY_PREVIOUS$|TOKEN|SECRET|HASH/.test(field) && value !== "") return "(secret)";
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
