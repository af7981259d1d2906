import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { KeptDirtyRecord } from "../../../../shared/model/dirty-record.js";
import type { Run } from "../../../../shared/model/run.js";
import { sampleRun, sampleSplit } from "./fake-api.js";
import { problem, sluiceAt } from "./sluice-at.js";

const quiet = { reason: "CONVERSION", column: "quantity", side: "reader", run: "r1", split: 0 } as const;
const dirtyRecord: KeptDirtyRecord = {
  ...quiet,
  message: '"two" is not a long',
  key: "oss://shop/orders.csv:1208",
  cells: ["1207", null, { base64: "AA==" }],
};

/** A run that is over at the second look. */
function runningTo(end: Run, dirty: readonly KeptDirtyRecord[] = []) {
  let polls = 0;
  return {
    "POST /v1/runs": { status: 202, body: sampleRun({ state: "queued" }) },
    "GET /v1/runs/r1": () => ({
      body: {
        run: polls++ === 0 ? sampleRun({ state: "running", splits: { total: 2, done: 1 } }) : end,
        splits: [sampleSplit()],
      },
    }),
    "GET /v1/runs/r1/dirty": { body: { items: dirty, nextPage: null, total: end.counters.dirty, kept: dirty.length } },
  };
}

const input = readFileSync("examples/stream.json", "utf8");

describe("sluice run", () => {
  it("sends the script with its parameters and reports the finished run", async () => {
    const args = ["run", "-", "--param", "day=2026-11-20", "--param", "q=a=b"];
    const { code, out, err, seen } = await sluiceAt(runningTo(sampleRun(), [dirtyRecord]), args, { input });
    expect(code).toBe(0);
    expect(seen[0]).toMatchObject({
      method: "POST",
      token: "t0ken",
      body: { script: input, parameters: { day: "2026-11-20", q: "a=b" }, idempotencyKey: expect.any(String) },
    });
    for (const part of [
      "run r1: succeeded",
      "oss → ots, 4 shards at once, 2 splits",
      /total time +5\.0 s/,
      /average traffic +3\.00 MB\/s/,
      /write speed +49,998 rec\/s/,
      /records read +200,000/,
      /records written +199,993/,
      /dirty records +7 \(limit 10\)/,
      /wait on reader +0\.20 s/,
      /wait on writer +9\.0 s/,
      "The writer is the slow side: readers waited 9.0 s for it",
      "delivery          idempotent (repeatable",
      /oss:\/\/shop\/orders\.csv:1208 +reader +CONVERSION in quantity +"two" is not a long +1207,NULL,base64:AA==/,
      "… and 6 more dirty records: sluice dirty r1",
    ])
      expect(out).toEqual(typeof part === "string" ? expect.stringContaining(part) : expect.stringMatching(part));
    expect(err).toBe("");
  });

  it("redraws one line on a terminal and takes it away at the end", async () => {
    const { out, err } = await sluiceAt(runningTo(sampleRun()), ["run", "-"], { input, isTerminal: true });
    expect(err.slice(5)).toMatch(/^running {2}█{19}░ {2}99% {2}200,000 rec /);
    expect(err.endsWith("\r\u001b[2K")).toBe(true);
    expect(err).not.toContain("\n");
    expect(out).not.toContain("\r");
  });

  it("prints exactly one document with --json and nothing else anywhere", async () => {
    const { code, out, err } = await sluiceAt(runningTo(sampleRun(), [dirtyRecord]), ["run", "-", "--json"], {
      input,
      isTerminal: true,
    });
    expect(code).toBe(0);
    expect(err).toBe("");
    const document = JSON.parse(out);
    expect(document).toMatchObject({ run: { id: "r1" }, splits: [{ number: 0 }], figures: { written: 199_993 } });
    expect(document.dirty).toEqual([dirtyRecord]);
  });

  it.each([
    ["a failed run", "failed", "SPLIT_FAILED", 1],
    ["a bad parameter", "failed", "CONFIG_INVALID", 2],
    ["a data source that is not there", "failed", "NOT_FOUND", 2],
    ["too many dirty records", "failed", "ERROR_LIMIT_EXCEEDED", 3],
    ["a server that cannot be reached", "failed", "SOURCE_UNREACHABLE", 4],
    ["a cancelled run", "cancelled", "CANCELLED", 5],
  ] as const)("exits as documented after %s", async (_, state, code, exit) => {
    const error = { code, message: 'data source "shop" is not registered', hint: "Mend it.", recovery: "fix" } as const;
    const result = await sluiceAt(runningTo(sampleRun({ state, error })), ["run", "-"], { input });
    expect(result.code).toBe(exit);
    if (state === "failed") expect(result.out).toContain(`error: ${error.message}  [${code}]\nhint: Mend it.\n`);
  });

  it("says how to register a data source that a script names", async () => {
    const error = {
      code: "NOT_FOUND",
      message: 'data source "shop" is not registered',
      hint: "Check.",
      recovery: "fix",
    };
    const end = sampleRun({ state: "failed", error: error as Run["error"] });
    const { out } = await sluiceAt(runningTo(end), ["run", "-"], { input });
    expect(out).toContain("sluice source add shop --type");
  });

  it("cancels the run at Ctrl-C and waits for its end", async () => {
    let cancelled = false;
    const answers = {
      ...runningTo(sampleRun()),
      "GET /v1/runs/r1": () => ({
        body: { run: sampleRun({ state: cancelled ? "cancelled" : "running", counters: noneDirty }), splits: [] },
      }),
      "POST /v1/runs/r1/cancel": () => {
        cancelled = true;
        return { status: 202, body: sampleRun({ state: "aborting" }) };
      },
    };
    const result = await sluiceAt(answers, ["run", "-"], { input, interruptAt: "GET /v1/runs/r1" });
    expect(result.code).toBe(5);
    expect(result.err).toContain("cancelling the run");
    expect(result.out).toContain("run r1: cancelled");
  });

  it("shows the line at fault of a script that the API refuses", async () => {
    const issues = [{ message: "no such type", line: 6, column: 20, path: "steps[0].stepType" }];
    const answers = { "POST /v1/runs": problem(400, "SCRIPT_INVALID", "line 6", { issues }) };
    const { code, err, out } = await sluiceAt(answers, ["run", "-"], { input });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      [
        "(stdin):6:20: error: steps[0].stepType: no such type",
        '  6 |       "stepType": "stream",',
        "                         ^",
        "hint: Do better.",
        "",
      ].join("\n"),
    );
  });

  it("shows what the text alone shows to be wrong before any API is asked", async () => {
    const broken = '{\n  "steps": 1\n  "b": 2\n}';
    const { code, err, seen } = await sluiceAt({}, ["run", "-"], { input: broken });
    expect({ code, seen }).toEqual({ code: 2, seen: [] });
    expect(err).toContain('  2 |   "steps": 1\n');
  });

  it("runs a stored job by its name", async () => {
    const { seen } = await sluiceAt(runningTo(sampleRun()), ["run", "--job", "nightly", "--key", "k1"]);
    expect(seen[0]?.body).toEqual({ job: "nightly", parameters: {}, idempotencyKey: "k1" });
  });

  it("shows warnings and errors at the lines of the file, and without the file by line and column", async () => {
    const text = JSON.stringify(JSON.parse(input));
    const column = text.indexOf('"print"') + 1;
    const place = { path: "steps[1].parameter.print", line: 1, column };
    const message = `line 1, column ${column}, at steps[1].parameter.print: expected true or false`;
    const end = sampleRun({
      state: "failed",
      warnings: [{ message: "odd", ...place }],
      error: { code: "SCRIPT_INVALID", message, hint: "Correct it.", recovery: "fix", ...place },
    });
    const ran = await sluiceAt(runningTo(end), ["run", "-"], { input: text });
    expect(ran.out).toContain(`(stdin):1:${column}: warning: steps[1].parameter.print: odd\n  1 | `);
    expect(ran.out).toContain(
      `(stdin):1:${column}: error: steps[1].parameter.print: expected true or false  [SCRIPT_INVALID]\n  1 | `,
    );
    const watched = await sluiceAt(runningTo(end), ["runs", "r1", "--watch"], {});
    expect(watched.out).toContain(`warning: line 1, column ${column}, at steps[1].parameter.print: odd\n`);
    expect(watched.out).toContain(`error: ${message}  [SCRIPT_INVALID]\n`);
  });
});

const noneDirty = { read: 5, written: 5, dirty: 0, bytes: 5 };
