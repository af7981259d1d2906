import { z } from "zod";
import { catalogColumn, catalogPage, testedConnection } from "../api/looks.js";
import { mappingAnswer, previewAnswer } from "../api/mapping.js";
import { planAnswer } from "../api/plan.js";
import { errorReport, warningAnswer } from "../api/reports.js";
import type { InlineSources } from "../model/data-source.js";
import { isJsonObject, type JsonObject } from "../model/json.js";
import type { SealedProperties } from "../model/seal.js";
import { sourceEnvironments } from "../model/workspace.js";

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
  z.object({ kind: z.literal("mapping"), job, mayRead: z.boolean() }),
  z.object({ kind: z.literal("records"), job, limit: z.int().min(1).max(100) }),
]);

/** Ids, and what to do: whoever carries it out reads the definition and opens its secrets. */
export type LookOrder = z.infer<typeof lookOrderSchema>;

/** Which definition to look at, seen from which workspace. */
export type LookPlace = z.infer<typeof place>;

/** The answer to each kind of order; a test answers for each place, in order. */
export const lookAnswers = {
  test: z.array(z.union([testedConnection, z.object({ error: errorReport })])),
  testUnsaved: testedConnection,
  tables: catalogPage,
  columns: z.array(catalogColumn),
  layOut: planAnswer,
  mapping: mappingAnswer,
  records: previewAnswer,
} as const satisfies Record<LookOrder["kind"], z.ZodType>;

/** What an order of a kind is answered with. */
export type LookAnswer<K extends LookOrder["kind"]> = z.infer<(typeof lookAnswers)[K]>;
