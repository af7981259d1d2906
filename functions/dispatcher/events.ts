import { z } from "zod";
import { UserError } from "../../shared/model/errors.js";

/** What the dispatcher is called for. */
export type DispatcherEvent =
  | { readonly kind: "tick"; readonly at: Date }
  | { readonly kind: "run"; readonly run: string }
  | { readonly kind: "upload"; readonly objects: readonly { bucket: string; key: string; eTag: string }[] }
  | { readonly kind: "reduceLost"; readonly run: string }
  | { readonly kind: "shardLost"; readonly order: { run: string; shard: string; index: number; of: number } };

const tick = z
  .object({ triggerTime: z.string(), triggerName: z.string() })
  .transform(({ triggerTime }): DispatcherEvent => ({ kind: "tick", at: new Date(triggerTime) }));

const run = z
  .object({ kind: z.literal("run"), run: z.string() })
  .transform(({ run }): DispatcherEvent => ({ kind: "run", run }));

const upload = z
  .object({
    events: z.array(
      z.object({
        eventName: z.string(),
        oss: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({ key: z.string(), eTag: z.string() }),
        }),
      }),
    ),
  })
  .transform(({ events }): DispatcherEvent => {
    const created = events.filter(({ eventName }) => eventName.startsWith("ObjectCreated:"));
    return {
      kind: "upload",
      objects: created.map(({ oss }) => ({ bucket: oss.bucket.name, key: oss.object.key, eTag: oss.object.eTag })),
    };
  });

/** What a shard function may have been asked for; see functions/shard. */
const lostOrder = z.union([
  z
    .object({ run: z.string(), shard: z.string(), index: z.number(), of: z.number() })
    .transform((order): DispatcherEvent => ({ kind: "shardLost", order })),
  z
    .object({ kind: z.literal("plan"), run: z.string() })
    .transform(({ run }): DispatcherEvent => ({ kind: "run", run })),
  z
    .object({ kind: z.literal("reduce"), run: z.string() })
    .transform(({ run }): DispatcherEvent => ({ kind: "reduceLost", run })),
]);

/** The record that FC sends to a failure destination, as its page "Result callback" shows it: `requestPayload` is the request's text. */
const shardLost = z
  .object({ requestContext: z.object({}).loose(), requestPayload: z.unknown() })
  .transform(({ requestPayload }, context): DispatcherEvent => {
    const payload = typeof requestPayload === "string" ? JSON.parse(requestPayload) : requestPayload;
    const parsed = lostOrder.safeParse(payload);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: "custom", message: "no shard order in the failure record" });
    return z.NEVER;
  });

const anyEvent = z.union([run, tick, upload, shardLost]);

/**
 * Tells apart what FC delivers to the dispatcher.
 *
 * @throws UserError CONFIG_INVALID when it is none of them
 */
export function decodeEvent(event: Buffer): DispatcherEvent {
  const parsed = anyEvent.safeParse(JSON.parse(event.toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new UserError(
    "CONFIG_INVALID",
    "the dispatcher takes timer ticks, run requests, upload events and failure records",
  );
}
