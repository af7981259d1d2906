import type { Throttle } from "../../model/job.js";
import { booleanField, integerField } from "./coerce.js";
import { carry, isPending, membersOf, objectField, type Reading, report, type ScriptField, warn } from "./reading.js";

/** Bytes in the megabyte that `mbps` counts. */
export const MEGABYTE = 1_048_576;

const PATH = "setting.speed";
const KEYS = ["concurrent", "channel", "throttle", "mbps", "dmu", "byte", "record", "recordsPerSecond"] as const;

/** The limits per channel of a DataX `core` section; null = none. */
export interface ChannelLimits {
  readonly byte: number | null;
  readonly record: number | null;
}

/** How the spelling at hand treats `speed`. */
export interface SpeedRules {
  readonly format: "dataworks-2.0" | "dataworks-1.0" | "datax";
  readonly channelLimits: ChannelLimits;
  /** Where a missing `speed` is reported. */
  readonly settingPath: string;
}

/** What `speed` says: shards at once, and job-wide limits. */
export interface Speed {
  readonly concurrent: number;
  readonly throttle: Throttle;
}

type Members = Partial<Record<(typeof KEYS)[number], ScriptField>>;

/** Reads `speed` in any spelling. */
export function readSpeed(reading: Reading, field: ScriptField | undefined, rules: SpeedRules): Speed {
  const example = rules.format === "datax" ? '{ "channel": 2 }' : '{ "concurrent": 2 }';
  const object = objectField(reading, field, example);
  if (!field && rules.format === "datax") {
    report(reading, rules.settingPath, {
      message: "speed is missing; expected speed.channel, speed.byte or speed.record",
    });
  }
  const members: Members = object ? membersOf(reading, object, KEYS) : {};
  const byte = limitField(reading, members, { key: "byte", unit: "bytes" });
  const record = limitField(reading, members, { key: "record", unit: "records" });
  const throttle = {
    bytesPerSecond: least(readMbps(reading, members, { rules, path: field?.path ?? rules.settingPath }), byte),
    recordsPerSecond: least(record, readRecordsPerSecond(reading, members)),
  };
  if (rules.format !== "datax")
    return { concurrent: capped(reading, members, declared(reading, members) ?? 1), throttle };
  const channels = dataxChannels(reading, members, { byte, record, rules, given: object !== undefined });
  return { concurrent: capped(reading, members, channels), throttle: withChannelLimits(throttle, channels, rules) };
}

/** `concurrent`, or DataX's `channel`; null when neither counts. */
function declared(reading: Reading, { concurrent, channel }: Members): number | null {
  if (concurrent && channel)
    warn(reading, channel.path, { message: "channel is ignored, because concurrent is there as well" });
  return integerField(reading, concurrent ?? channel, {
    canonicalPath: `${PATH}.concurrent`,
    min: 1,
    blank: "refused",
    expected: "an integer of 1 or more, how many shards may work at once",
  });
}

function capped(reading: Reading, { dmu, concurrent, channel }: Members, wanted: number): number {
  carry(reading, `${PATH}.dmu`, dmu);
  const cap = integerField(reading, dmu, {
    canonicalPath: `${PATH}.dmu`,
    min: 1,
    expected: "an integer of 1 or more, the upper bound of concurrent",
  });
  if (cap === null || cap >= wanted) return wanted;
  const at = concurrent ?? channel ?? dmu;
  if (at) warn(reading, at.path, { message: `concurrent is lowered from ${wanted} to ${cap}, because dmu is ${cap}` });
  return cap;
}

/** The limit from `mbps`: counts with `throttle: true`, in older spellings also without `throttle`. */
function readMbps(
  reading: Reading,
  { throttle, mbps, ...others }: Members,
  { rules, path }: { rules: SpeedRules; path: string },
) {
  const pending = throttle !== undefined && isPending(reading, throttle, `${PATH}.throttle`);
  const on = pending ? null : booleanField(reading, throttle, `${PATH}.throttle`);
  const enforced = on ?? (!pending && rules.format !== "dataworks-2.0");
  if (!enforced) {
    carry(reading, `${PATH}.mbps`, mbps);
    if (on === false) carry(reading, `${PATH}.throttle`, throttle && { ...throttle, value: false });
    else if (mbps && !pending) warn(reading, mbps.path, { message: "mbps is ignored, because throttle is not true" });
    return null;
  }
  const limit = integerField(reading, mbps, {
    canonicalPath: `${PATH}.mbps`,
    min: 1,
    expected: "a positive integer, MB/s for the whole job",
  });
  if (`${PATH}.mbps` in reading.carried) reading.carried[`${PATH}.throttle`] = true;
  else if (on === true && limit === null && !others.byte && !others.record && !others.recordsPerSecond) {
    const isReported = mbps && reading.issues.some((issue) => issue.path === mbps.path);
    if (!isReported)
      report(reading, mbps?.path ?? path, {
        message: "throttle is true, but mbps is missing; expected a positive integer, MB/s for the whole job",
      });
  }
  return limit === null ? null : limit * MEGABYTE;
}

/** DataX's `byte` and `record`: zero and less mean none. */
function limitField(
  reading: Reading,
  members: Members,
  { key, unit }: { key: "byte" | "record"; unit: string },
): number | null {
  const canonical = key === "byte" ? "byte" : "recordsPerSecond";
  const value = integerField(reading, members[key], {
    canonicalPath: `${PATH}.${canonical}`,
    min: Number.MIN_SAFE_INTEGER,
    expected: `an integer, ${unit} per second for the whole job`,
  });
  return value !== null && value > 0 ? value : null;
}

function readRecordsPerSecond(reading: Reading, { recordsPerSecond }: Members): number | null {
  return integerField(reading, recordsPerSecond, {
    canonicalPath: `${PATH}.recordsPerSecond`,
    min: 1,
    expected: "a positive integer, records per second for the whole job",
  });
}

interface DataxSpeed {
  readonly byte: number | null;
  readonly record: number | null;
  readonly rules: SpeedRules;
  readonly given: boolean;
}

/** DataX derives the channels from the job-wide limit and the limit per channel, where both are known. */
function dataxChannels(reading: Reading, members: Members, { byte, record, rules, given }: DataxSpeed): number {
  const { channelLimits } = rules;
  const derived = least(channelsFor(byte, channelLimits.byte), channelsFor(record, channelLimits.record));
  if (derived !== null) return derived;
  const channel = members.concurrent ?? members.channel;
  const limited =
    byte !== null || record !== null || Object.keys(reading.carried).some((path) => path.startsWith(`${PATH}.`));
  if (limited && channel && Number(channel.value) <= 0) return 1;
  if (channel) return declared(reading, members) ?? 1;
  const path = members.byte?.path ?? members.record?.path ?? `${rules.settingPath}.speed`;
  if (!limited && given)
    report(reading, path, {
      message: "no speed is set; expected speed.channel, speed.byte or speed.record of 1 or more",
    });
  return 1;
}

function channelsFor(limit: number | null, perChannel: number | null): number | null {
  return limit === null || perChannel === null ? null : Math.max(1, Math.floor(limit / perChannel));
}

/** Without a job-wide limit the limit per channel holds, as often as there are channels. */
function withChannelLimits(throttle: Throttle, channels: number, { channelLimits }: SpeedRules): Throttle {
  const { byte, record } = channelLimits;
  return {
    bytesPerSecond: throttle.bytesPerSecond ?? times(byte, channels),
    recordsPerSecond: throttle.recordsPerSecond ?? times(record, channels),
  };
}

function times(limit: number | null, channels: number): number | null {
  return limit === null ? null : Math.min(limit * channels, Number.MAX_SAFE_INTEGER);
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
