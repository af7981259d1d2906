import { z } from "zod";

const service = z.enum(["tablestore", "oss", "fc", "maxcompute"]);
const operation = z.string().min(1);
const count = z.number().int().positive();

const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("status"), status: z.union([z.literal(429), z.literal(500), z.literal(503)]) }),
  z.strictObject({ kind: z.enum(["dropRequest", "dropResponse"]) }),
  z.strictObject({ kind: z.literal("delay"), ms: z.number().int().positive() }),
  z.strictObject({ kind: z.literal("twice") }),
]);

const point = z.strictObject({
  service,
  operation,
  when: z.enum(["before", "after"]),
  count: count.exactOptional(),
  containing: z.string().min(1).exactOptional(),
});

/** What the control interface of a running local cloud takes: one order per request. */
export const controlOrder = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("addFault"), service, operation, fault, times: count }),
  z.strictObject({ do: z.literal("listFaults") }),
  z.strictObject({ do: z.literal("clearFaults") }),
  z.strictObject({ do: z.literal("kill"), function: z.string(), afterMs: z.number().int().nonnegative() }),
  z.strictObject({ do: z.literal("killAt"), function: z.string(), point }),
  z.strictObject({ do: z.literal("stopClock") }),
  z.strictObject({ do: z.literal("setClock"), atMs: z.number().int() }),
  z.strictObject({ do: z.literal("advanceClock"), ms: count }),
  z.strictObject({ do: z.literal("realClock") }),
  z.strictObject({ do: z.literal("deliver"), times: count }),
  z.strictObject({ do: z.literal("tick"), timer: z.string() }),
]);

/** One of the orders. Times are epoch ms; a function may be named without its stage: `shard`. */
export type ControlOrder = z.infer<typeof controlOrder>;
