import { describe, expect, it } from "vitest";
import { toErrorReport, UserError } from "../../../../shared/model/errors.js";
import { isEnded, type RunRecord, type RunState } from "../../../../shared/model/run.js";
import { type RunEvent, transitionRun } from "../../../../shared/runs/transition.js";

const at = "2026-01-02T03:04:05.000Z";
const error = toErrorReport(new UserError("CANCELLED", "stop"));
const run = (state: RunState, more: Partial<RunRecord> = {}) =>
  ({
    id: "r1",
    state,
    startedAt: null,
    endedAt: null,
    lease: null,
    outcome: null,
    planAttempts: 0,
    finishAttempts: 0,
    ...more,
  }) as RunRecord;

const states: readonly RunState[] = [
  "queued",
  "planning",
  "running",
  "aborting",
  "publishing",
  "succeeded",
  "failed",
  "cancelled",
];
const cancel: RunEvent = { kind: "abort", outcome: "cancelled", error };
const fail: RunEvent = { kind: "abort", outcome: "failed", error };
const after: readonly [RunEvent, Partial<Record<RunState, RunState>>][] = [
  [{ kind: "plan" }, { queued: "planning", planning: "planning" }],
  [{ kind: "planned" }, { planning: "running" }],
  [{ kind: "splitsDone" }, { running: "publishing", publishing: "publishing" }],
  [{ kind: "published" }, { publishing: "succeeded" }],
  [cancel, { queued: "aborting", planning: "aborting", running: "aborting" }],
  [fail, { queued: "aborting", planning: "aborting", running: "aborting", publishing: "aborting" }],
  [{ kind: "settled", resumableUntil: "2026-11-30T00:00:00.000Z" }, { aborting: "failed" }],
];

describe("the life of a run", () => {
  for (const [event, wanted] of after) {
    for (const state of states) {
      const next = wanted[state];
      const name = event.kind === "abort" ? `${event.kind} (${event.outcome})` : event.kind;
      it(next ? `${name} takes ${state} to ${next}` : `${name} means nothing to a run that is ${state}`, () => {
        expect(transitionRun(run(state), event, at)?.state).toBe(next);
      });
    }
  }

  it("lets nothing out of an ended state", () => {
    for (const state of states.filter(isEnded))
      for (const [event] of after) expect(transitionRun(run(state), event, at)).toBeUndefined();
  });

  it("has a way out of every state that can be reached, and never ends a run twice or moves it back", () => {
    const events = after.map(([event]) => event);
    const order = ["queued", "planning", "running", "publishing", "aborting", "succeeded", "failed", "cancelled"];
    const nextOf = new Map<string, RunRecord[]>();
    const keyOf = ({ state, outcome, endedAt }: RunRecord) => `${state} ${outcome} ${endedAt !== null}`;
    const open = [run("queued")];
    for (let one = open.pop(); one; one = open.pop()) {
      if (nextOf.has(keyOf(one))) continue;
      const found = events.flatMap((event) => {
        const next = transitionRun(one, event, at);
        return next ? [next] : [];
      });
      for (const next of found) expect(order.indexOf(next.state)).toBeGreaterThanOrEqual(order.indexOf(one.state));
      nextOf.set(keyOf(one), found);
      open.push(...found);
    }
    const endsOf = (key: string, seen = new Set<string>()): boolean => {
      if (seen.has(key)) return false;
      seen.add(key);
      const [state = ""] = key.split(" ");
      return isEnded(state as RunState) || (nextOf.get(key) ?? []).some((next) => endsOf(keyOf(next), seen));
    };
    for (const [key, next] of nextOf) {
      expect(endsOf(key), key).toBe(true);
      const isOver = isEnded(key.split(" ")[0] as RunState);
      expect([isOver, next.length === 0], key).toEqual([isOver, isOver]);
      expect(key.endsWith("true"), key).toBe(isOver);
    }
    expect([...nextOf.keys()].sort()).toEqual([
      "aborting cancelled false",
      "aborting failed false",
      "cancelled cancelled true",
      "failed failed true",
      "planning null false",
      "publishing null false",
      "queued null false",
      "running null false",
      "succeeded null true",
    ]);
  });

  it("ends an aborted run the way it was aborted, and keeps the reason", () => {
    const aborted = transitionRun(run("running"), cancel, at);
    const ended =
      aborted && transitionRun(aborted, { kind: "settled", resumableUntil: "2026-11-30T00:00:00.000Z" }, at);
    expect(ended).toMatchObject({ state: "cancelled", endedAt: at, error: { code: "CANCELLED" } });
  });

  it("counts how often planning and publishing were begun", () => {
    const planned = transitionRun(run("planning", { planAttempts: 1, startedAt: "before" }), { kind: "plan" }, at);
    expect(planned).toMatchObject({ planAttempts: 2, startedAt: "before" });
    expect(transitionRun(run("publishing", { finishAttempts: 1 }), { kind: "splitsDone" }, at)).toMatchObject({
      finishAttempts: 2,
    });
  });
});
