import { type Reading, report, type ScriptField, textField, warn } from "../read/reading.js";
import { showValue } from "../text/show-value.js";

/** Checks `type`, which must be `job` where it is given, and `version`, which decides nothing. */
export function checkHeader(reading: Reading, { type, version }: { type?: ScriptField; version?: ScriptField }): void {
  const text = type && textField(reading, type, '"job"');
  if (type && text !== undefined && text.toLowerCase() !== "job") {
    report(reading, type.path, {
      message: `not a data-integration job: expected "job"; seen ${showValue(text, type.path)}`,
    });
  }
  if (!version) return;
  const number = Number(typeof version.value === "object" ? Number.NaN : version.value);
  if (number === 1 || number === 2) return;
  const seen = showValue(version.value, version.path);
  warn(reading, version.path, {
    message: `version ${seen} is neither "1.0" nor "2.0"; the script is read by its keys`,
  });
}
