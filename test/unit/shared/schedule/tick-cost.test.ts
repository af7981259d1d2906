import { expect, it } from "vitest";
import { sweep } from "../../../../shared/runs/sweep.js";
import { fireDue } from "../../../../shared/schedule/tick/tick.js";
import type { Services } from "../../../../shared/services.js";
import type { ScheduleRecord } from "../../../../shared/store/schedules-store.js";
import { workshop } from "./workshop.js";

it("a tick on which nothing is due reads fifteen times at most and writes nothing, however many jobs there are", async () => {
  const calls: string[] = [];
  const wrap = (documents: Services["documents"]) =>
    new Proxy(documents, {
      get(target, name: keyof Services["documents"]) {
        const call = target[name] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => {
          // The service reads a hundred rows with one call, and none with none.
          const rows = Array.isArray(args[1]) && name.endsWith("Many") ? args[1].length : 1;
          for (let i = 0; i < Math.ceil(rows / 100); i++) calls.push(name);
          return call.apply(target, args);
        };
      },
    });
  const { services, clock } = await workshop({ wrap });
  const nextAt = "2027-01-01T00:00:00.000Z";
  const base: Omit<ScheduleRecord, "job"> = {
    ...{
      workspace: "w",
      version: 1,
      publishedAt: "",
      schedule: { cron: "0 0 0 1 1 *", timeZone: "UTC" },
      policies: {},
    },
    ...{
      dependencies: [],
      usesBusinessTime: false,
      group: "default",
      weight: 1,
      mode: "active" as const,
      isPublished: true,
    },
    ...{ cursor: null, after: "2026-01-02T03:00:00.000Z", owed: [], nextAt },
  };
  const jobs = Array.from({ length: 10_000 }, (_, i): ScheduleRecord => ({ ...base, job: `job${i}` }));
  await services.schedules.replaceMany(jobs.map((record) => ({ record, version: 0 })));
  await services.due.noteAll(
    jobs.map(({ job }) => ({ at: nextAt, hint: { kind: "job", workspace: "w", job } as const })),
  );
  for (let minute = 0; minute < 3; minute++) {
    calls.length = 0;
    clock.ms += 60_000;
    // As the dispatcher does both.
    await sweep(services, `t${minute}`);
    await fireDue(services, new Date(clock.ms));
  }
  expect(calls.filter((name) => !["get", "getBrief", "getMany", "list", "listBriefs"].includes(name))).toEqual([]);
  expect(calls.length, calls.join()).toBeLessThanOrEqual(15);
});
