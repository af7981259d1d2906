import { z } from "zod";
import {
  type ConnectorSummary,
  type ConnectorView,
  type FieldView,
  fieldTypes,
  type SideDescription,
} from "../model/connector-view.js";
import type { Endpoint } from "./endpoint.js";

const fieldAnswer: z.ZodType<FieldView> = z
  .object({
    name: z.string(),
    label: z.string(),
    help: z.string().describe("One line: what it does, in which unit, what happens without it"),
    type: z.enum(fieldTypes),
    required: z.boolean(),
    unless: z.array(z.string()).exactOptional().describe("Fields of which one may stand in its place"),
    secret: z.boolean().describe("Sealed at rest, never shown"),
    hidden: z.boolean().describe("Accepted, but nothing that a form should ask for"),
    choices: z.array(z.string()).exactOptional(),
    default: z.json().exactOptional(),
    get fields() {
      return z.array(fieldAnswer).exactOptional().describe("What is inside an object, or each of objects");
    },
  })
  .meta({ id: "Field" });

const summaryAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    aliases: z.array(z.string()),
    readable: z.boolean(),
    writable: z.boolean(),
    testable: z.boolean(),
    browsable: z.boolean(),
  })
  .meta({ id: "ConnectorSummary" }) satisfies z.ZodType<ConnectorSummary>;

const sideAnswer = z
  .object({
    fields: z.array(fieldAnswer),
    template: z.record(z.string(), z.json()).describe("A parameter to copy"),
  })
  .meta({ id: "ConnectorSide" }) satisfies z.ZodType<SideDescription>;

const connectorAnswer = z
  .object({
    ...summaryAnswer.shape,
    source: z.object({ fields: z.array(fieldAnswer) }),
    reader: sideAnswer.nullable(),
    writer: sideAnswer.nullable(),
  })
  .meta({ id: "Connector" }) satisfies z.ZodType<ConnectorView>;

/** The systems that there are, and the fields of their data sources, readers and writers. */
export const connectorEndpoints = {
  connectors: {
    method: "GET",
    path: "/v1/connectors",
    role: "viewer",
    summary: "List connectors: the systems that data sources, readers and writers may be of",
    result: "the systems there are: type, aliases, whether they are read, written, tested, looked into",
    answer: z.object({ items: z.array(summaryAnswer) }),
  },
  connector: {
    method: "GET",
    path: "/v1/connectors/{type}",
    role: "viewer",
    summary: "Describe a connector: every field of its data sources, its reader and its writer",
    result:
      "one of them with all fields of its data sources, reader and writer: type, default, choices, required, secret, a line of help",
    answer: connectorAnswer,
  },
} as const satisfies Record<string, Endpoint>;
