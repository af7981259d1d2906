import { z } from "zod";
import type { Endpoint } from "../../../shared/api/endpoint.js";

const begin =
  "<!-- Made from the endpoints by SLUICE_WRITE_DOCS=1 npx vitest run --project unit test/unit/functions/api/docs.test.ts -->";
const end = "<!-- end of what is made -->";

/** The page with a table of these calls between its two marks. */
export function withCalls(page: string, endpoints: readonly Endpoint[]): string {
  const [before = "", rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error("docs/api.md has lost the marks between which its calls stand");
  const head = ["| call | role | body or query | answer |", "|---|---|---|---|"];
  return `${before}${begin}\n${[...head, ...endpoints.map(row)].join("\n")}\n${end}${after}`;
}

function row({ method, path, role, body, query, ...rest }: Endpoint): string {
  const sent = [
    body && bodyForms(body),
    query &&
      names(query)
        .map((name) => `\`${name}\``)
        .join(", "),
  ];
  return `| \`${method} ${path}\` | ${role} | ${sent.filter(Boolean).join("; ")} | ${answerOf(rest)} |`.replaceAll(
    "|  |",
    "| |",
  );
}

function answerOf({
  answer,
  status = 200,
  summary,
  result,
}: Pick<Endpoint, "answer" | "status" | "summary" | "result">): string {
  if (answer === null && result === undefined) return String(status);
  const words = result ?? summary.charAt(0).toLowerCase() + summary.slice(1);
  return status === 200 ? words : `${status}, ${words}`;
}

/** `{ job, parameters? }`, or several such forms of which one is sent. */
function bodyForms(body: z.ZodType): string {
  const forms = formsOf(body).map(({ properties = {}, required = [] }) => {
    const fields = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
    return `\`{ ${fields.join(", ")} }\``;
  });
  return [...new Set(forms)].join(" or ");
}

function names(query: z.ZodType): string[] {
  return [...new Set(formsOf(query).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** The objects that a schema takes, each as one. */
function formsOf(schema: z.ZodType): z.infer<typeof object>[] {
  const {
    anyOf = [],
    allOf = [],
    ...whole
  } = form.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  if (anyOf.length > 0) return anyOf;
  const all = [whole, ...allOf];
  return [
    {
      properties: Object.assign({}, ...all.map(({ properties }) => properties)),
      required: all.flatMap(({ required = [] }) => required),
    },
  ];
}

const object = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});
const form = object.extend({ anyOf: z.array(object).optional(), allOf: z.array(object).optional() });
