import type { Json } from "../../model/json.js";

const SECRET = /pass(word|wd|phrase)|pwd|secret|token|access[_-]?(key|id)|credential|private[_-]?key|signature/i;
const SECRET_IN_TEXT =
  /((?:pass(?:word|wd|phrase)|pwd|secret|token|access[_-]?(?:key|id)\w{0,40}|signature)\s*[=:]\s*)[^\s&;,"']+/gi;
const LOGIN_IN_URL = /(\/\/[^\s:/@]*:)[^\s/@]+(?=@)/g;
const LONGEST = 60;

/** Whether a key, a path or a piece of script text speaks of something that must not be shown. */
export function isSecretive(text: string): boolean {
  return SECRET.test(text);
}

/**
 * A value of the script as a message shows it: strings in quotes, cut after 60 characters; lists and objects only by
 * kind; whatever stands under a secret-looking key as `***` unless it is blank, passwords inside URLs likewise.
 *
 * @param path  field path of the value, to judge by
 */
export function showValue(value: Json | undefined, path: string): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty object" : "an object";
  // An empty secret hides nothing, and to call it hidden would be no truth.
  if (isSecretive(path)) return typeof value === "string" && value.trim() === "" ? JSON.stringify(value) : "***";
  return typeof value === "string" ? showText(value) : String(value);
}

/** A text in double quotes, cut after 60 characters, passwords inside it hidden. */
export function showText(text: string): string {
  const safe = text.replace(LOGIN_IN_URL, "$1***").replace(SECRET_IN_TEXT, "$1***");
  return JSON.stringify(safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe);
}
