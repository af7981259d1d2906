import { z } from "zod";
import type { CatalogColumn, CatalogPage, CheckStep } from "../connectors/contract.js";
import { planAnswer, warningAnswer } from "../jobs/plan-schema.js";
import type { InlineSources } from "../model/data-source.js";
import { type ErrorReport, errorHints } from "../model/errors.js";
import { isJsonObject, type JsonObject } from "../model/json.js";
import type { SealedProperties } from "../model/seal.js";
import { sourceEnvironments } from "../model/workspace.js";
import type { TestedConnection } from "./connectivity.js";

// What connects to a data source is done in the network of its resource group: by the group's shard function, which the
// api function calls and waits for. These are the texts that pass between the two.

/** A definition, by the name that its data source has in a workspace. */
const place = z.object({ workspace: z.string(), name: z.string(), environment: z.enum(sourceEnvironments) });

/** Connection properties that are not saved as a data source; their secrets are sealed on the way. */
const unsaved = z.object({
  type: z.string(),
  properties: z.custom<JsonObject>((value) => isJsonObject(value)),
  boundTo: z.string(),
  sealed: z
    .object({
      keyId: z.string(),
      iv: z.string(),
      tag: z.string(),
      data: z.string(),
      wrappedKey: z.string().exactOptional(),
    })
    .nullable(),
}) satisfies z.ZodType<SealedProperties>;

const named = z
  .array(z.object({ name: z.string(), source: unsaved, resourceGroup: z.string().exactOptional() }))
  .readonly();

const spot = z.object({ line: z.int(), column: z.int() });

const inlineSources = z.object({
  reader: named,
  writer: named,
  origins: z
    .array(z.object({ at: spot, was: spot, isNew: z.boolean().exactOptional() }))
    .readonly()
    .exactOptional(),
  warnings: z.array(warningAnswer).readonly().exactOptional(),
}) satisfies z.ZodType<InlineSources>;

/** A job as it would be planned, and when: an ISO time. */
const job = z.object({
  script: z.string(),
  parameters: z.record(z.string(), z.string()),
  inlineSources,
  workspace: z.string(),
  environment: z.enum(sourceEnvironments),
  plannedLocal: z.string(),
});

/** What a shard function is asked to look at and answer at once. */
export const lookOrderSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("test"), places: z.array(place).max(100), write: z.boolean() }),
  z.object({ kind: z.literal("testUnsaved"), unsaved, write: z.boolean() }),
  z.object({
    kind: z.literal("tables"),
    place,
    query: z.object({ search: z.string(), limit: z.number(), page: z.string().nullable() }),
  }),
  z.object({ kind: z.literal("columns"), place, table: z.string() }),
  // Without `mayRead` who asked may see no records of the environment.
  z.object({ kind: z.literal("layOut"), job, mayRead: z.boolean() }),
]);

/** Ids, and what to do: whoever carries it out reads the definition and opens its secrets. */
export type LookOrder = z.infer<typeof lookOrderSchema>;

/** Which definition to look at, seen from which workspace. */
export type LookPlace = z.infer<typeof place>;

/** An error as answers and other functions show it. */
export const errorReport = z
  .object({
    code: z.enum(Object.keys(errorHints) as (keyof typeof errorHints)[]),
    message: z.string(),
    hint: z.string(),
    recovery: z.enum(["fix", "retry", "report"]),
    path: z.string().exactOptional(),
    line: z.int().exactOptional(),
    column: z.int().exactOptional(),
  })
  .meta({ id: "ErrorReport" }) satisfies z.ZodType<ErrorReport>;

/** A step of a connectivity test. */
export const checkStep = z
  .object({
    name: z.enum(["resolve", "connect", "tls", "login", "exists", "read", "write"]),
    ok: z.boolean(),
    durationMs: z.number(),
    message: z.string(),
    hint: z.string().exactOptional(),
  })
  .meta({ id: "CheckStep" }) satisfies z.ZodType<CheckStep>;

/** What a connectivity test found. */
export const testedConnection = z.object({
  ok: z.boolean(),
  steps: z.array(checkStep),
}) satisfies z.ZodType<TestedConnection>;

/** A page of tables. */
export const catalogPage = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(["table", "view", "object"]),
      rows: z.number().nullable(),
      bytes: z.number().nullable(),
      comment: z.string(),
    }),
  ),
  nextPage: z.string().nullable(),
  note: z.string().exactOptional(),
}) satisfies z.ZodType<CatalogPage>;

/** A column of a table. */
export const catalogColumn = z.object({
  name: z.string(),
  type: z.enum(["long", "double", "string", "date", "bool", "bytes"]),
  nativeType: z.string().exactOptional(),
  declared: z.string(),
  nullable: z.boolean().nullable(),
  key: z.number().nullable(),
}) satisfies z.ZodType<CatalogColumn>;

/** The answer to each kind of order; a test answers for each place, in order. */
export const lookAnswers = {
  test: z.array(z.union([testedConnection, z.object({ error: errorReport })])),
  testUnsaved: testedConnection,
  tables: catalogPage,
  columns: z.array(catalogColumn),
  layOut: planAnswer,
} as const satisfies Record<LookOrder["kind"], z.ZodType>;

/** What an order of a kind is answered with. */
export type LookAnswer<K extends LookOrder["kind"]> = z.infer<(typeof lookAnswers)[K]>;
