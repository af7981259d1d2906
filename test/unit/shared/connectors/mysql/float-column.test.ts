import { describe, expect, test } from "vitest";
import { floatTextRoom, mysqlFloatText } from "../../../../../shared/connectors/mysql/float-column.js";

const plain = { name: "f", scale: 0, width: 0 };

describe("floatText", () => {
  test.each([
    ["0.10000000149011612", "0.1"],
    ["16777216", "16777216"],
    ["1073741824", "1073741824"],
    ["0.12345679104328156", "0.12345679"],
    ["1.401298464324817e-45", "1e-45"],
    ["1.1754943508222875e-38", "1.1754944e-38"],
    ["-1.0000000200408773e20", "-1e20"],
    ["0.00000010000000116860974", "0.0000001"],
    ["1.0000000168623835e-16", "1e-16"],
    ["999999986991104", "1e15"],
    ["3.4028234663852886e38", "3.4028234663852886e38"],
    ["-3.4028234663852886e38", "-3.4028234663852886e38"],
    ["0", "0"],
    ["-0", "-0"],
  ])("prints %s as %s", (exact, expected) => {
    expect(mysqlFloatText(exact, plain)).toBe(expected);
  });

  test.each([
    ["123.45670318603516", { scale: 4, width: 0 }, "123.4567"],
    ["-0.10000000149011612", { scale: 4, width: 0 }, "-0.1000"],
    ["12345678", { scale: 2, width: 10 }, "12345678.00"],
    ["1.5", { scale: 2, width: 10 }, "0000001.50"],
    ["0.10000000149011612", { scale: 0, width: 12 }, "0000000000.1"],
    ["1.0000000150474662e30", { scale: 30, width: 0 }, "1e30"],
  ])("prints %s in a column of %j as the server lays it out: %s", (exact, form, expected) => {
    expect(mysqlFloatText(exact, { name: "f", ...form })).toBe(expected);
  });

  test("makes the same float again from any bit pattern, in at most nine digits, within the room it says", () => {
    const bits = new DataView(new ArrayBuffer(4));
    const wide = { name: "f", scale: 30, width: 255 };
    const wrong: string[] = [];
    let state = 1;
    for (let i = 0; i < 50_000; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      // Every fifth is a denormal.
      bits.setUint32(0, i % 5 === 0 ? state & 0x807fffff : state);
      const float = bits.getFloat32(0);
      if (!Number.isFinite(float)) continue;
      const exact = String(float).replace("e+", "e");
      const text = mysqlFloatText(exact, plain);
      const significant = text.replace(/e.*/, "").replace(/\D/g, "").replace(/^0+/, "").length;
      const isSame = Object.is(Math.fround(Number(text)), float);
      const fits = [plain, wide].every((form) => mysqlFloatText(exact, form).length <= floatTextRoom(form));
      if (!isSame || !fits || (significant > 9 && text !== exact)) wrong.push(`${exact} became ${text}`);
    }
    expect(wrong).toEqual([]);
  });
});
