import { z } from "zod";
import { roles } from "../model/identity.js";
import { sourceEnvironments } from "../model/workspace.js";
import { refuseExcess, refuseInexact } from "./bounded.js";

/** A role by name. */
export const roleSchema = z.enum(roles, { error: `expected one of ${roles.join(", ")}` });

/** An environment by name. */
export const environmentSchema = z.enum(sourceEnvironments, { error: 'expected "development" or "production"' });

/** A yes or no in a query string. */
export const flagSchema = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

/** An ISO time with its zone. */
export const timeSchema = z.iso.datetime({ offset: true, error: "expected an ISO time with its zone" }).max(40);

/** Values for `${name}` in a script; numbers and booleans are taken as text. */
export const parametersSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .superRefine(refuseExcess("parameters"))
  .superRefine(refuseInexact("send it as a text"))
  .default({})
  .transform((values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])));

/** A job script: its text, or the JSON itself. */
export const scriptSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())], {
    error: "expected the job script, as text or as a JSON object",
  })
  .superRefine(refuseInexact("send the script as a text, in which every digit counts"))
  .transform((script) => (typeof script === "string" ? script : JSON.stringify(script, null, 2)));

/** Where a job is kept: names with slashes between, such as `sales/daily`. */
export function folderText() {
  return z
    .string()
    .max(200)
    .regex(/^(?:[^\s/\\](?:[^/\\\p{Cc}]{0,61}[^\s/\\])?(?:\/(?!$)|$))*$/u, {
      error: "expected names with slashes between, such as sales/daily",
    });
}

/** What somebody says about a change. */
export const noteSchema = z.string().max(500).default("").describe("What the job's history says about the change");
