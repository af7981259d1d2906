import { describe, expect, it } from "vitest";
import { type Placed, placedError, placedWarning } from "../../../../shared/jobs/placed-error.js";
import { TransientError, UserError } from "../../../../shared/model/errors.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";

const writer = { Where: "1", connection: [{ datasource: "a" }, { table: ["t"] }], column: ["x"] };
const text = JSON.stringify(
  {
    job: {
      setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
      content: [{ reader: { name: "r", parameter: {} }, writer: { name: "w", parameter: writer } }],
    },
  },
  null,
  1,
);
const keys = ["where", "connection", "table", "column", "splitPk"];
const placed: Placed = { ...parseJob(text, { mode: "preview" }), keys: { reader: keys, writer: keys } };
const lineOf = (key: string) => text.split("\n").findIndex((line) => line.includes(`"${key}"`)) + 1;
const base = "job.content[0].writer.parameter";

describe("an error of one side", () => {
  it.each([
    ["column[0]", `${base}.column[0]`, lineOf("column") + 1],
    ["where", `${base}.where`, lineOf("Where")],
    ["connection[0].datasource", `${base}.connection[0].datasource`, lineOf("datasource")],
    ["table", `${base}.connection[1].table`, lineOf("table")],
    ["splitPk", `${base}.splitPk`, lineOf("Where") - 1],
    ["setting.exactlyOnce", "job.setting.exactlyOnce", lineOf("setting")],
    [`${base}.column`, `${base}.column`, lineOf("column")],
  ])("about %s is told at %s", (given, path, line) => {
    const error = placedError(new UserError("CONFIG_INVALID", `${given}: bad`, { path: given }), "writer", placed);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: "bad", path, place: { line } });
    expect(placedWarning({ path: given, message: "odd" }, "writer", placed)).toMatchObject({ path, line });
  });

  it("stays what it is when it is about something else than the job", () => {
    const others = [
      new UserError("CONFIG_INVALID", "m", { path: "address" }),
      new TransientError("SOURCE_BUSY", "m"),
      new Error("m"),
      "text",
    ];
    for (const error of others) expect(placedError(error, "writer", placed)).toBe(error);
  });

  it("keeps code, hint and what is to be done about it", () => {
    const error = new TransientError("SOURCE_BUSY", "m", { path: "column", hint: "Wait." });
    const placedOne = placedError(error, "reader", placed);
    expect(placedOne).toBeInstanceOf(TransientError);
    expect(placedOne).toMatchObject({ hint: "Wait.", recovery: "retry", cause: error });
  });
});
