import { describe, expect, it } from "vitest";
import { itemError } from "../../../../functions/api/batches.js";
import { UserError } from "../../../../shared/model/errors.js";
import { createLog } from "../../../../shared/platform/log.js";

describe("an item of a batch that did not go through", () => {
  it("is told by the error's code and words", () => {
    const error = new UserError("NOT_FOUND", "there is no data source a");
    expect(itemError("a", error, createLog({}))).toMatchObject({
      ...{ name: "a", ok: false },
      error: { code: "NOT_FOUND", message: "there is no data source a" },
    });
  });

  it.each([
    ["an error", new TypeError("x is no function of 10.0.0.7")],
    ["no error at all", "10.0.0.7"],
  ])("costs the others nothing where the fault is ours: its words go to the log (%s)", (_, thrown) => {
    const lines: string[] = [];
    const item = itemError(
      "a",
      thrown,
      createLog({}, (line) => lines.push(line)),
    );
    expect(item).toMatchObject({
      ok: false,
      error: { code: "INTERNAL", message: "something went wrong inside Sluice" },
    });
    expect(JSON.stringify(item)).not.toContain("10.0.0.7");
    expect(lines.join()).toContain("10.0.0.7");
  });
});
