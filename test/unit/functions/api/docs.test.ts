import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { routes } from "../../../../functions/api/routes.js";
import { problem } from "../../../../shared/http/response.js";
import {
  type ErrorCode,
  errorHints,
  InternalError,
  TransientError,
  UserError,
} from "../../../../shared/model/errors.js";

const isErrorCode = (code: string): code is ErrorCode => code in errorHints;

const page = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/api.md"), "utf8");
const cells = page.split("\n").flatMap((line) => {
  const [, call, role] = /^\| `((?:GET|POST|PUT|DELETE) [^`]+)` \| (\w+) \|/.exec(line) ?? [];
  return call === undefined ? [] : [`${call} ${role}`];
});

describe("docs/api.md", () => {
  it("lists every route with its role, and none that does not exist", () => {
    expect([...cells].sort()).toEqual(routes.map(({ method, path: at, role }) => `${method} ${at} ${role}`).sort());
  });

  it("names every query parameter and every field of a body, and none that does not exist", () => {
    const wrong = routes.flatMap(({ method, path: at, query, body }) => {
      const wanted = [...namesOf(query), ...namesOf(body)].sort();
      const documented = namesInRow(`${method} ${at}`).sort();
      return wanted.join() === documented.join() ? [] : [{ call: `${method} ${at}`, wanted, documented }];
    });
    expect(wrong).toEqual([]);
  });

  it("gives each code the status that answers have", () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code = "", status]) => ({ code, status }));
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.filter(({ code, status }) => {
      if (!isErrorCode(code)) return true;
      const Kind = status === "500" ? InternalError : Number(status) > 500 ? TransientError : UserError;
      return problem(new Kind(code, "x"), "r").statusCode !== Number(status);
    });
    expect(wrong).toEqual([]);
  });

  it("explains every error code, and none that does not exist", () => {
    const codes = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.sort()).toEqual(Object.keys(errorHints).sort());
  });
});

/** Names of the properties of an object's schema, of all its forms together. */
function namesOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return [];
  const {
    properties,
    anyOf = [],
    allOf = [],
  } = form.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  const forms = [...anyOf, ...allOf].flatMap((one) => Object.keys(one.properties ?? {}));
  return [...new Set([...Object.keys(properties ?? {}), ...forms])];
}

const object = z.object({ properties: z.record(z.string(), z.unknown()).optional() });
const form = object.extend({ anyOf: z.array(object).optional(), allOf: z.array(object).optional() });

/** Names in the third column of a call's row: those between braces, and those that are code of their own. */
function namesInRow(call: string): string[] {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${call}\` |`)) ?? "";
  const cell = row.split("|")[3] ?? "";
  const inBraces = [...cell.matchAll(/`\{([^}]*)\}`/g)].flatMap(([, names = ""]) => names.split(","));
  const alone = [...cell.replace(/`\{[^}]*\}`|\([^)]*\)|; .*/g, "").matchAll(/`([^`]+)`/g)].map(
    ([, name = ""]) => name,
  );
  return [...new Set([...inBraces, ...alone].map((name) => name.trim().replace(/\?$/, "")))];
}
