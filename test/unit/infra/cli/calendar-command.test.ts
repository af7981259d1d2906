import { describe, expect, it } from "vitest";
import { sluiceAt } from "./sluice-at.js";

const berlin = { cron: "0 30 2 * * *", timeZone: "Europe/Berlin" };
const time = { label: "2026-11-28T02:30", businessDate: "2026-11-27", due: "2026-11-28T02:30:00+01:00", note: null };

describe("sluice calendar", () => {
  it("asks for the times of a job", async () => {
    const path = "/v1/jobs/nightly/calendar";
    const answers = { [`GET ${path}`]: { body: { schedule: berlin, times: [time] } } };
    const args = ["calendar", "nightly", "--count", "3", "--from", "2026-11-27"];
    const { code, out, seen } = await sluiceAt(answers, args);
    expect([code, seen[0]?.query]).toEqual([0, { count: "3", from: "2026-11-27" }]);
    expect(out.split("\n")[1]).toBe("2026-11-28T02:30  2026-11-27     2026-11-28T02:30:00+01:00");
    const none = await sluiceAt({ [`GET ${path}`]: { body: { schedule: null, times: [] } } }, ["calendar", "nightly"]);
    expect(none.out).toBe("job nightly has no schedule\n");
  });

  it("answers with a document, in UTC and from now on if nothing is said", async () => {
    const { out, seen } = await sluiceAt({}, ["calendar", "--cron", "0 0 3 * * *", "--count", "1", "--json"]);
    const [first] = JSON.parse(out).times;
    expect(first).toMatchObject({ due: `${first.label}:00+00:00`, note: null });
    expect(Date.parse(first.due)).toBeGreaterThan(Date.now());
    expect(seen).toEqual([]);
  });

  it.each([
    [["calendar"], "no schedule to show"],
    [["calendar", "nightly", "--cron", "0 0 3 * * *"], "a job and a schedule"],
    [["calendar", "--cron", "0 0 3 * * *", "--zone", "Mars/Base"], 'schedule.timeZone "Mars/Base"'],
    [["calendar", "--cron", "5 0 3 * * *"], 'write "0 0 3 * * *"'],
    [["calendar", "--cron", "0 0 3 * * *", "--elapsed"], "minutes and hours"],
    [["calendar", "--cycle", '{"every":"day","at":"25:00"}'], 'at: expected a time of day such as 02:30; seen "25:00"'],
    [["calendar", "--cycle", "daily"], "Give JSON"],
    [["calendar", "--cron", "0 0 3 * * *", "--from", "yesterday"], "Give an ISO time"],
  ])("%j is refused", async (args, message) => {
    const { code, err } = await sluiceAt({}, args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
