import { z } from "zod";
import { UserError } from "../../shared/model/errors.js";
import type { InstanceRef } from "../../shared/model/instance.js";

/** What the dispatcher is called for. */
export type DispatcherEvent =
  | { readonly kind: "tick"; readonly at: Date }
  | { readonly kind: "planLost"; readonly run: string; readonly requestId: string }
  | { readonly kind: "upload"; readonly objects: readonly { bucket: string; key: string; eTag: string }[] }
  | { readonly kind: "reduceLost"; readonly run: string }
  | { readonly kind: "due"; readonly part: string; readonly at: Date }
  | { readonly kind: "runEnded"; readonly run: string }
  | { readonly kind: "instances"; readonly instances: readonly InstanceRef[] }
  | { readonly kind: "shardLost"; readonly order: { run: string; shard: string; index: number; of: number } };

const tick = z
  .object({ triggerTime: z.string(), triggerName: z.string() })
  .transform(({ triggerTime }): DispatcherEvent => ({ kind: "tick", at: new Date(triggerTime) }));

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

/** What a shard or a planner may have been asked for; see functions/shard and functions/planner. */
const lostOrder = z.union([
  z
    .object({ run: z.string(), shard: z.string(), index: z.number(), of: z.number() })
    .transform((order): DispatcherEvent => ({ kind: "shardLost", order })),
  z.object({ kind: z.literal("plan"), run: z.string() }),
  z
    .object({ kind: z.literal("reduce"), run: z.string() })
    .transform(({ run }): DispatcherEvent => ({ kind: "reduceLost", run })),
]);

/** The record that FC sends to a failure destination, as its page "Result callback" shows it: `requestPayload` is the request's text. */
const callLost = z
  .object({ requestContext: z.object({ requestId: z.string().default("") }).loose(), requestPayload: z.unknown() })
  .transform(({ requestContext, requestPayload }, context): DispatcherEvent => {
    const payload = typeof requestPayload === "string" ? JSON.parse(requestPayload) : requestPayload;
    const parsed = lostOrder.safeParse(payload);
    if (parsed.success) {
      const { data: order } = parsed;
      const isPlan = order.kind === "plan";
      return isPlan ? { kind: "planLost", run: order.run, requestId: requestContext.requestId } : order;
    }
    context.addIssue({ code: "custom", message: "no order of ours in the failure record" });
    return z.NEVER;
  });

const instanceRef = z.object({ workspace: z.string(), job: z.string(), origin: z.string(), label: z.string() });

/** What functions of ours ask for. */
const order = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("due"), part: z.string(), at: z.string().transform((at) => new Date(at)) }),
  z.object({ kind: z.literal("runEnded"), run: z.string() }),
  z.object({ kind: z.literal("instances"), instances: z.array(instanceRef) }),
]);

const anyEvent = z.union([tick, upload, callLost, order]);

/**
 * Tells apart what FC delivers to the dispatcher.
 *
 * @throws UserError CONFIG_INVALID when it is none of them
 */
export function decodeDispatcherEvent(event: Buffer): DispatcherEvent {
  const parsed = anyEvent.safeParse(JSON.parse(event.toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new UserError(
    "CONFIG_INVALID",
    "the dispatcher takes timer ticks, upload events, failure records and orders of other functions",
  );
}
