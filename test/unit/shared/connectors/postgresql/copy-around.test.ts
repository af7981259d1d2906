import { expect, test } from "vitest";
import type { PostgresqlConnection } from "../../../../../shared/connectors/postgresql/connection.js";
import { copyAround } from "../../../../../shared/connectors/postgresql/copy-around.js";

/** A table that takes all lines but those that begin with `bad`; `silent` ones it refuses without a word of where. */
function tableOf() {
  const stored: string[] = [];
  let sent = 0;
  const refuse = (row: number, line: string) => {
    const where = line.startsWith("silent") ? "" : `COPY t, line ${row + 1}, column a: "x"`;
    return Object.assign(new Error(line), {
      severity: "ERROR",
      code: line.startsWith("other") ? "42P01" : "22P02",
      where,
    });
  };
  const client = {
    async copyIn(_sql: string, data: Buffer) {
      const lines = data.toString().split("\n").slice(0, -1);
      sent += lines.length;
      const row = lines.findIndex((line) => /^(bad|silent|other)/.test(line));
      if (row >= 0) throw refuse(row, lines[row] ?? "");
      stored.push(...lines);
      return lines.length;
    },
    execute: async () => ({ affectedRows: 0 }),
  } as unknown as PostgresqlConnection;
  return { client, stored, sent: () => sent };
}

const streamOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));
const good = (count: number) => Array.from({ length: count }, (_, at) => `row ${at}`);

test("what is fine goes at once", async () => {
  const table = tableOf();
  expect(await copyAround(table.client, "COPY t FROM STDIN", streamOf(good(10)))).toEqual({ kind: "taken" });
  expect(table.stored).toEqual(good(10));
  expect(table.sent()).toBe(10);
});

test.each([
  ["the first and the last", 100, [0, 99]],
  ["two side by side", 100, [50, 51]],
  ["one in a hundred", 5_000, Array.from({ length: 50 }, (_, at) => at * 100 + 37)],
  ["all", 40, Array.from({ length: 40 }, (_, at) => at)],
  ["one in a thousand", 20_000, Array.from({ length: 20 }, (_, at) => at * 1_000 + 999)],
])("rows that are refused are told by their place, and all others arrive in order: %s", async (_what, count, bad) => {
  const table = tableOf();
  const lines = good(count).map((line, at) => (bad.includes(at) ? `bad ${at}` : line));
  const attempt = await copyAround(table.client, "COPY t FROM STDIN", streamOf(lines));
  expect(attempt.kind).toBe("taken");
  expect(attempt.kind === "taken" && attempt.refused?.map(({ index, why }) => [index, why.message])).toEqual(
    bad.map((at) => [at, `bad ${at}`]),
  );
  expect(table.stored).toEqual(lines.filter((line) => !line.startsWith("bad")));
  // Where all are refused the server stops at the first line of each part.
  expect(table.sent()).toBeLessThan((bad.length === count ? 16 : 3.5) * count);
});

test("what names no row is for the caller to find, and what is about no row is an error", async () => {
  const table = tableOf();
  const lines = [...good(3), "silent", ...good(3)];
  expect(await copyAround(table.client, "COPY t FROM STDIN", streamOf(lines))).toEqual({
    kind: "refused",
    suspects: [],
  });
  await expect(copyAround(table.client, "COPY t FROM STDIN", streamOf(["other"]))).rejects.toThrow("other");
});
