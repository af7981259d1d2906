import { describe, expect, it } from "vitest";
import type { InstanceState, ScheduledInstance } from "../../../../../shared/model/instance.js";
import { type InstanceEvent, transitionInstance } from "../../../../../shared/schedule/instances/transition.js";

const instance = (state: InstanceState, more: Partial<ScheduledInstance> = {}): ScheduledInstance => ({
  ...{ state, reason: null, attempt: 0, retries: 0, run: null, notBefore: null },
  ...more,
});
const retry = { most: 2, pauseMs: 180_000 };
const events: Readonly<Record<InstanceEvent["kind"], InstanceEvent>> = {
  wait: { kind: "wait", reason: "waits for a" },
  satisfied: { kind: "satisfied" },
  reconsider: { kind: "reconsider" },
  start: { kind: "start", run: "r1" },
  succeed: { kind: "succeed" },
  fail: { kind: "fail", reason: "timed out", retry: { ...retry, most: 0 }, at: 0 },
  cancel: { kind: "cancel", by: "eve" },
  skip: { kind: "skip", reason: "dry run" },
  freeze: { kind: "freeze", by: "eve" },
  unfreeze: { kind: "unfreeze" },
  setSucceeded: { kind: "setSucceeded", by: "eve" },
  rerun: { kind: "rerun", by: "eve", policy: "always" },
};

/** All that leads anywhere: state, event, state. */
const moves: Readonly<Record<InstanceState, Partial<Record<InstanceEvent["kind"], InstanceState>>>> = {
  waiting: {
    wait: "waiting",
    satisfied: "ready",
    cancel: "cancelled",
    skip: "skipped",
    freeze: "frozen",
    setSucceeded: "succeeded",
  },
  ready: { reconsider: "waiting", start: "running", cancel: "cancelled", freeze: "frozen", setSucceeded: "succeeded" },
  running: { succeed: "succeeded", fail: "failed", cancel: "cancelled" },
  succeeded: { rerun: "waiting" },
  failed: { setSucceeded: "succeeded", rerun: "waiting" },
  cancelled: { setSucceeded: "succeeded", rerun: "waiting" },
  skipped: { setSucceeded: "succeeded", rerun: "waiting" },
  frozen: { unfreeze: "waiting", setSucceeded: "succeeded" },
};

function moved(before: ScheduledInstance, ...happened: readonly InstanceEvent[]): ScheduledInstance {
  return happened.reduce((current, event) => {
    const next = transitionInstance(current, event);
    if (!next.ok) throw new Error(next.refusal);
    return next.instance;
  }, before);
}

describe("an instance", () => {
  it.each(Object.keys(moves) as InstanceState[])("that is %s goes where its state leads, and nowhere else", (state) => {
    for (const event of Object.values(events)) {
      const next = transitionInstance(instance(state), event);
      expect(next.ok ? next.instance.state : undefined, `${state} ${event.kind}`).toBe(moves[state][event.kind]);
      if (!next.ok) expect(next.refusal).toContain(`that is ${state} takes no "${event.kind}"`);
    }
  });

  it("is tried again by itself as often as its job says, after a pause", () => {
    const fail = { kind: "fail", reason: "no route", retry, at: 1_000 } as const;
    const again = [{ kind: "satisfied" }, { kind: "start", run: "r2" }] as const;
    const once = moved(instance("running", { attempt: 1, run: "r1" }), fail);
    expect(once).toMatchObject({ state: "waiting", retries: 1, attempt: 1, notBefore: 181_000 });
    expect(once.reason).toBe("tried again (1 of 2) after: no route");
    const ended = moved(once, ...again, fail, ...again, fail);
    expect(ended).toMatchObject({ state: "failed", attempt: 3, reason: "no route", run: "r2" });
    // A rerun has all its retries again.
    expect(moved(ended, { kind: "rerun", by: "eve", policy: "afterFailure" })).toMatchObject({
      state: "waiting",
      retries: 0,
      attempt: 3,
    });
  });

  it("is rerun as far as its job's policy goes", () => {
    const rerun = (state: InstanceState, policy: "always" | "afterFailure" | "never") => {
      const next = transitionInstance(instance(state), { kind: "rerun", by: "eve", policy });
      return next.ok ? "waiting" : next.refusal;
    };
    expect(rerun("succeeded", "afterFailure")).toBe("the job may be rerun after a failure only; it is succeeded");
    expect(rerun("cancelled", "afterFailure")).toBe("waiting");
    expect(rerun("failed", "never")).toBe("the job's policy allows no rerun");
  });

  it("that runs tells what to do instead", () => {
    const refusal = (event: InstanceEvent) => {
      const next = transitionInstance(instance("running"), event);
      return next.ok ? "" : next.refusal;
    };
    expect(refusal(events.freeze)).toMatch(/cancel it instead$/);
    expect(refusal(events.setSucceeded)).toMatch(/cancel it first$/);
    expect(refusal(events.rerun)).toMatch(/wait for its end, or cancel it$/);
  });

  it("keeps who changed it", () => {
    expect(moved(instance("waiting"), events.freeze).reason).toBe("frozen by eve");
    expect(moved(instance("failed"), events.setSucceeded).reason).toBe("set succeeded by eve");
    expect(moved(instance("waiting"), events.wait).reason).toBe("waits for a");
  });
});
