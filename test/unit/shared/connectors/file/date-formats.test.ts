import { expect, it } from "vitest";
import { isCanonical } from "../../../../../shared/connectors/file/cell-check.js";
import { convertCell } from "../../../../../shared/model/convert.js";

const check = (text: string) => isCanonical.date(Buffer.from(text), 0, text.length);

it("Whatever passes for a canonical date unasked is what the conversion table makes of it", () => {
  const days = Array.from({ length: 800 }, (_, i) => new Date(Date.UTC(2023, 11, 20 + i)).toISOString().slice(0, 10));
  const odd = [
    "2023-02-29",
    "2024-02-30",
    "2024-04-31",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "0999-01-01",
    "2024-1-01",
  ];
  const times = ["00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:00:60", "1:00:00"];
  const texts = [...days, ...odd, ...days.slice(0, 60).flatMap((day) => times.map((time) => `${day} ${time}`))];
  for (const text of texts.filter(check)) {
    const dateFormat = text.length === 10 ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss";
    expect(convertCell(text, "string", { to: "date", options: { dateFormat } })).toEqual({ ok: true, cell: text });
  }
  expect(days.filter((day) => !check(day))).toEqual(["2024-02-29"]);
  expect(odd.filter(check)).toEqual([]);
});
