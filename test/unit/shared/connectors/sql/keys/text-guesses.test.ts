import { expect, test } from "vitest";
import { areAlike, guessTexts, thinned } from "../../../../../../shared/connectors/sql/keys/text-guesses.js";

const unicode = { seen: new Set<string>(), maxCodePoint: 0x10ffff };
const ascii = { seen: new Set<string>(), maxCodePoint: 0x7f };

test("guesses begin with what both texts begin with, in whatever case and with whatever accents", () => {
  for (const guess of guessTexts("Élan-001", "elan-999", unicode)) expect(guess).toMatch(/^Élan-.$/u);
  expect(guessTexts("Élan-001", "elan-999", unicode)).toContain("Élan-5");
});

test("where a column's character set is not known, guesses hold ASCII and characters of its own texts alone", () => {
  const guesses = guessTexts("阿明", "做", { ...ascii, seen: new Set(["王"]) });
  expect(guesses).toContain("王");
  expect(guesses.filter((guess) => guess !== "王").join("")).toMatch(/^[ -~]+$/);
});

test("characters between two of a large script are tried evenly, surrogates never", () => {
  const guesses = guessTexts("一", "龥", unicode).filter((guess) => guess >= "一" && guess <= "龥");
  expect(guesses.length).toBeGreaterThan(40);
  for (const guess of guessTexts("a", "\u{1f999}", unicode)) expect(guess).not.toMatch(/\p{Surrogate}/u);
  expect(guessTexts("a", "\u{1f999}", { ...unicode, maxCodePoint: 0xffff }).join("")).not.toMatch(
    /[\u{10000}-\u{10ffff}]/u,
  );
});

test.each([
  ["Key ", "kEY", true],
  ["é", "E", true],
  ["a", "ab", false],
  ["a", "b", false],
  ["", " ", true],
])("%j and %j may be equal to a collation: %s", (one, other, alike) => {
  expect(areAlike(one, other)).toBe(alike);
});

test("a list is thinned evenly, its first one kept", () => {
  expect(thinned([1, 2, 3, 4, 5, 6], 3)).toEqual([1, 3, 5]);
  expect(thinned([1, 2], 3)).toEqual([1, 2]);
});
