import { describe, expect, it } from "vitest";
import type { Edge, JobSchedule } from "../../../../shared/model/job-schedule.js";
import { isEnded } from "../../../../shared/model/run.js";
import { settleRun } from "../../../../shared/schedule/instances/settle.js";
import { advanceAll } from "../../../../shared/schedule/instances/wake.js";
import { fireDue } from "../../../../shared/schedule/tick/tick.js";
import { createServices } from "../../../../shared/services.js";
import { workshop } from "./workshop.js";

const MINUTE_MS = 60_000;
const timeZone = "Europe/Berlin";

/** How often one comes, as the model understands it: by date, weekday and minute of the day. */
type Comes = (time: { readonly day: number; readonly weekday: string; readonly minute: number }) => boolean;

interface ModelJob {
  readonly schedule: Omit<JobSchedule, "timeZone">;
  readonly comes: Comes;
  readonly waitsFor?: readonly string[];
  readonly dependencies?: readonly Edge[];
}

const on = (job: string): Edge => ({ on: "job", job, cycle: "same" });

/** Six jobs of mixed cycles; `waitsFor` of a day's job: all of that day's. */
const jobs: Readonly<Record<string, ModelJob>> = {
  half: { schedule: { cycle: { every: "minute", step: 30 } }, comes: ({ minute }) => minute % 30 === 0 },
  hourly: { schedule: { cycle: { every: "hour" } }, comes: ({ minute }) => minute % 60 === 0 },
  daily: {
    schedule: { cron: "0 30 2 * * *" },
    comes: ({ minute }) => minute === 150,
    dependencies: [on("hourly")],
    waitsFor: ["hourly"],
  },
  weekly: {
    schedule: { cycle: { every: "week", days: ["SUN"], at: "02:15" } },
    comes: ({ weekday, minute }) => weekday === "Sun" && minute === 135,
    dependencies: [on("daily"), on("half")],
    waitsFor: ["daily", "half"],
  },
  monthly: {
    schedule: { cycle: { every: "month", days: [1, 25], at: "03:00" } },
    comes: ({ day, minute }) => (day === 1 || day === 25) && minute === 180,
    dependencies: [on("weekly"), { on: "self" }],
  },
  twice: {
    schedule: { cron: "0 10 4,16 * * MON-FRI" },
    comes: ({ weekday, minute }) => !["Sat", "Sun"].includes(weekday) && (minute === 250 || minute === 970),
    dependencies: [{ on: "self" }],
  },
};

/** The model: every minute of the time, what the clock shows then, and what comes then. A reading that comes twice counts the last time. */
function modelLabels(fromMs: number, toMs: number): ReadonlyMap<string, readonly string[]> {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, year: "numeric", month: "2-digit", day: "2-digit", weekday: "short" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  const reading = (ms: number) => Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const due = new Map<string, Map<string, number>>(Object.keys(jobs).map((job) => [job, new Map()]));
  for (let ms = fromMs - 180 * MINUTE_MS; ms <= toMs + 180 * MINUTE_MS; ms += 5 * MINUTE_MS) {
    const { year, month, day, weekday = "", hour, minute } = reading(ms);
    const time = { day: Number(day), weekday, minute: Number(hour) * 60 + Number(minute) };
    for (const [job, { comes }] of Object.entries(jobs))
      if (comes(time)) due.get(job)?.set(`${year}-${month}-${day}T${hour}:${minute}`, ms);
  }
  const within = ([, ms]: [string, number]) => ms > fromMs && ms <= toMs;
  return new Map(
    [...due].map(([job, labels]) => [
      job,
      [...labels]
        .filter(within)
        .map(([label]) => label)
        .sort(),
    ]),
  );
}

/** A month of ticks in which calls are doubled, dropped and killed; what was made and how it ran. */
async function liveThrough(fromMs: number, toMs: number) {
  let seed = 7;
  const chance = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  let dies = Number.POSITIVE_INFINITY;
  const bed = await workshop({
    from: new Date(fromMs).toISOString(),
    wrap: (documents) =>
      new Proxy(documents, {
        get: (target, name: keyof typeof documents) => {
          const call = target[name] as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (--dies < 0) throw new Error("killed");
            return call.apply(target, args);
          };
        },
      }),
  });
  const { save, clock } = bed;
  const orders: { kind: string; run?: string; instances?: [] }[] = [];
  const invoker = {
    ...bed.services.invoker,
    start: async (name: string, payload: object) => {
      if (name === "dispatcher") orders.push(payload as { kind: string });
      return true;
    },
  };
  const services = createServices({ ...bed.services, invoker: invoker as typeof bed.services.invoker });
  for (const [name, { schedule, dependencies = [] }] of Object.entries(jobs))
    await save(name, { schedule: { ...schedule, timeZone }, dependencies });
  /** A call of the dispatcher: dropped, doubled or killed by chance. */
  const deliver = async (work: () => Promise<void>) => {
    const luck = chance();
    for (let times = luck < 0.05 ? 0 : luck < 0.25 ? 2 : 1; times > 0; times--) {
      dies = chance() < 0.02 ? Math.floor(chance() * 60) : Number.POSITIVE_INFINITY;
      await work().catch(() => {});
      dies = Number.POSITIVE_INFINITY;
    }
  };
  const endsAt = new Map<string, number>();
  const ended = new Map<string, number>();
  for (let ms = fromMs; ms <= toMs + 600 * MINUTE_MS; ms += 5 * MINUTE_MS) {
    clock.ms = ms;
    // Ten minutes without ticks, each day at another time.
    if (ms % (1505 * MINUTE_MS) < 10 * MINUTE_MS) continue;
    const tickMs = Math.min(ms, toMs);
    await deliver(() => fireDue(services, new Date(chance() < 0.02 ? tickMs - 60 * MINUTE_MS : tickMs)));
    // Slots and retries go by the clock, which the last ticks do not.
    if (ms > toMs) await fireDue(services, new Date(tickMs));
    for (const { value } of await bed.active()) {
      if (!endsAt.has(value)) endsAt.set(value, ms + Math.floor(chance() * 4) * 5 * MINUTE_MS);
      if ((endsAt.get(value) ?? 0) > ms) continue;
      await services.runs.update(value, (run) =>
        isEnded(run.state) ? undefined : { ...run, state: "succeeded", endedAt: new Date(ms).toISOString() },
      );
      ended.set(value, ms);
      await services.runs.retire({ workspace: "w", id: value });
      await deliver(() => settleRun(services, value));
    }
    for (let order = orders.shift(); order; order = orders.shift()) {
      const { kind, run = "", instances: due = [] } = order;
      await deliver(() => (kind === "runEnded" ? settleRun(services, run) : advanceAll(services, due)));
    }
  }
  return { ...bed, services, ended };
}

describe("a month with a change of the clocks", () => {
  it.each([
    ["autumn", "2026-10-10T21:55:00Z", "2026-10-31T22:00:00Z"],
    ["spring", "2026-03-20T22:55:00Z", "2026-03-31T22:00:00Z"],
  ])(
    "brings exactly what a model of sixty lines says, each run once and in order, whatever is doubled, dropped or killed: %s",
    async (season, from, to) => {
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      const { instances, runs } = await liveThrough(fromMs, toMs);
      const expected = modelLabels(fromMs, toMs);
      const all = new Map<string, Awaited<ReturnType<typeof instances>>>();
      for (const job of Object.keys(jobs)) all.set(job, await instances(job));
      for (const [job, labels] of expected) {
        const made = all.get(job)?.map(({ label }) => label) ?? [];
        // The model sees no reading that the clock skips: these are due behind the gap.
        const skipped = season === "spring" ? made.filter((label) => label.startsWith("2026-03-29T02")) : [];
        expect(made, job).toEqual([...labels, ...skipped].sort());
        expect(
          all.get(job)?.every(({ attempt }) => attempt <= 1),
          job,
        ).toBe(true);
      }
      const began = await runs();
      expect(began.length).toBe(new Set(began.map(({ job, instance }) => `${job} ${instance?.label}`)).size);
      const startedIn = [...all.values()].flat().filter(({ attempt }) => attempt > 0);
      expect(began.length).toBe(startedIn.length);
      for (const [job, { waitsFor = [] }] of Object.entries(jobs))
        for (const one of all.get(job) ?? []) {
          if (one.startedAt === null) continue;
          const before = waitsFor.flatMap(
            (up) => all.get(up)?.filter(({ label }) => label.slice(0, 10) === one.label.slice(0, 10)) ?? [],
          );
          for (const other of before) {
            expect(other.state, `${job} ${one.label} on ${other.label}`).toBe("succeeded");
            expect(
              Date.parse(other.endedAt ?? ""),
              `${job} ${one.label} on ${other.job} ${other.label}`,
            ).toBeLessThanOrEqual(Date.parse(one.startedAt));
          }
        }
      // All that could run has run: what is left waits for a day that has not ended.
      const left = [...all.values()].flat().filter(({ state }) => state !== "succeeded");
      expect(
        left
          .filter(({ label }) => label < to.slice(0, 10))
          .map(({ job, label, state, reason }) => `${job} ${label} ${state} ${reason}`),
      ).toEqual([]);
    },
    120_000,
  );
});
