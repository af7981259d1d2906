import type { Zone } from "../../../model/zones.js";
import type { WireType } from "../wire/column-type.js";
import type { Moment, WireValue } from "../wire/values.js";
import { dateText, numberText, odpsFloatText, secondsText } from "./output.js";

/** A value of a composite type as JSON text: numbers with all their digits, bytes in base64, dates on the side's clock. */
export function jsonText(value: WireValue, type: WireType, zone: Zone): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "array":
    case "vector":
      return `[${(value as WireValue[]).map((one) => jsonText(one, type.element, zone)).join(",")}]`;
    case "struct": {
      const fields = value as WireValue[];
      return `{${type.fields.map(({ name, type: inner }, at) => `${JSON.stringify(name)}:${jsonText(fields[at] ?? null, inner, zone)}`).join(",")}}`;
    }
    case "map": {
      const { keys, values } = value as { keys: WireValue[]; values: WireValue[] };
      const entries = keys.map(
        (key, at) => `${keyText(jsonText(key, type.key, zone))}:${jsonText(values[at] ?? null, type.value, zone)}`,
      );
      return `{${entries.join(",")}}`;
    }
    default:
      return scalarText(value, type, zone);
  }
}

/** Keys of objects are text. */
function keyText(json: string): string {
  return json.startsWith('"') ? json : JSON.stringify(json);
}

function scalarText(value: WireValue, type: WireType, zone: Zone): string {
  switch (type.kind) {
    case "double":
      return Number.isFinite(value) ? numberText(value as number) : JSON.stringify(String(value));
    case "float":
      return Number.isFinite(value) ? odpsFloatText(value as number) : JSON.stringify(String(value));
    case "decimal":
      return String(value);
    case "binary":
      return JSON.stringify((value as Buffer).toString("base64"));
    case "date":
    case "datetime":
    case "timestamp":
    case "timestamp_ntz":
      return JSON.stringify(dateText(value, type, zone));
    case "interval_day_time":
      return JSON.stringify(secondsText(value as Moment));
    default:
      return Buffer.isBuffer(value) ? JSON.stringify(value.toString("utf8")) : String(value);
  }
}
