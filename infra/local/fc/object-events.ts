import type { ObjectTriggerSpec } from "../manifest.js";
import type { ObjectEvent } from "../service.js";

/** Whether a trigger wants to know about an object event. */
export function wants(trigger: ObjectTriggerSpec, event: ObjectEvent): boolean {
  const { bucket, prefix, suffix, events } = trigger;
  if (event.bucket !== bucket || !event.key.startsWith(prefix) || !event.key.endsWith(suffix)) return false;
  const name = `oss:${event.eventName}`;
  return events.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
}

/** Where an object event happens. */
export interface ObjectEventPlace {
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
}

/** The event that an OSS trigger gives its function: always one object. The key is not encoded. */
export function objectEvent(trigger: ObjectTriggerSpec, event: ObjectEvent, place: ObjectEventPlace): Buffer {
  const { region, accountId, nowMs } = place;
  const { eventName, bucket, key, size, deltaSize, eTag } = event;
  const entry = {
    eventName,
    eventSource: "acs:oss",
    eventTime: new Date(nowMs).toISOString(),
    eventVersion: "1.0",
    oss: {
      bucket: {
        arn: `acs:oss:${region}:${accountId}:${bucket}`,
        name: bucket,
        ownerIdentity: accountId,
        virtualBucket: "",
      },
      object: { key, size, deltaSize, eTag: eTag.replaceAll('"', "") },
      ossSchemaVersion: "1.0",
      ruleId: trigger.name,
    },
    region,
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { requestId: event.requestId },
    userIdentity: { principalId: accountId },
  };
  return Buffer.from(JSON.stringify({ events: [entry] }));
}
