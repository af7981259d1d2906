import { describe, expect, it } from "vitest";
import {
  type ArrivalWindow,
  groupOf,
  latestVersions,
  windowFor,
} from "../../../../../shared/schedule/arrivals/windows.js";

const grouping = { seconds: 60, by: "{table}" };
const arrival = (key: string, at: number, group = "orders") => ({
  job: "load",
  group,
  bucket: "lake",
  key,
  etag: "1",
  at,
});

describe("a window of arrivals", () => {
  it("is opened by the first and has its length, whoever comes meanwhile", () => {
    let open: ArrivalWindow | null = null;
    const ids: string[] = [];
    for (const seconds of [0, 30, 59.999, 60, 119, 121]) {
      open = windowFor(arrival(`a${seconds}`, seconds * 1000), open, grouping);
      ids.push(`${open.endsAt / 1000} ${open.id}`);
    }
    expect(ids.map((id) => id.split(" ")[0])).toEqual(["60", "60", "60", "120", "120", "181"]);
    expect(new Set(ids).size).toBe(3);
  });

  it("is found again by who opens it twice, and apart by job, group and object", () => {
    const first = windowFor(arrival("a", 0), null, grouping);
    expect(windowFor(arrival("a", 0), null, grouping)).toEqual(first);
    const others = [
      arrival("b", 0),
      arrival("a", 0, "items"),
      { ...arrival("a", 0), job: "other" },
      { ...arrival("a", 0), etag: "2" },
    ];
    for (const other of others) expect(windowFor(other, null, grouping).id).not.toBe(first.id);
  });

  it("belongs to a group made of captures", () => {
    expect(groupOf({ seconds: 1, by: "{table}/{day}" }, { table: "orders", day: "28" })).toBe("orders/28");
    expect(groupOf({ seconds: 1 }, { table: "orders" })).toBe("");
    expect(() => groupOf({ seconds: 1, by: "{tabel}" }, { table: "orders" })).toThrow(
      'by "{tabel}": the pattern has no {tabel}; it has table',
    );
  });

  it("may keep of each key what came last", () => {
    const at = (key: string, etag: string, eventTime: string) => ({ bucket: "lake", key, etag, eventTime, size: 1 });
    const all = [
      at("a", "2", "2026-11-28T00:00:02Z"),
      at("b", "1", "2026-11-28T00:00:03Z"),
      at("a", "1", "2026-11-28T00:00:01Z"),
    ];
    expect(latestVersions(all).map(({ key, etag }) => `${key}${etag}`)).toEqual(["a2", "b1"]);
  });
});
