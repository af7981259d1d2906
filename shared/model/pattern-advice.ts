import { datePattern, type PatternField } from "./date-pattern.js";

/** A mistake that a pattern is likely to be, by the letters it has. */
interface Advice {
  readonly isLikely: (letters: Letters) => boolean;
  readonly message: string;
}

interface Letters {
  has(...fields: PatternField[]): boolean;
  /** `field` stands beside one of `others`, with no field between them. */
  isBeside(field: PatternField, ...others: PatternField[]): boolean;
}

const advices: readonly Advice[] = [
  {
    isLikely: (letters) =>
      letters.has("m") && !letters.has("M", "L", "D") && (letters.has("y", "Y") || letters.isBeside("m", "d")),
    message: "mm are minutes; did you mean MM, the month?",
  },
  {
    isLikely: (letters) => letters.has("M") && !letters.has("m") && letters.isBeside("M", "H", "h", "k", "K", "s"),
    message: "MM is the month; did you mean mm, the minutes?",
  },
  {
    isLikely: (letters) => letters.has("h", "K") && !letters.has("a", "H", "k"),
    message: "hh counts to 12 and has no a (AM or PM) beside it; did you mean HH, which counts to 24?",
  },
  {
    isLikely: (letters) => letters.has("Y"),
    message:
      "YYYY is the year of the week, another one than the date's on some days about New Year, which are dirty then; did you mean yyyy?",
  },
  {
    isLikely: (letters) => letters.has("D") && letters.has("M", "L", "d", "m"),
    message: "DD is the day of the year; did you mean dd, the day of the month?",
  },
  {
    isLikely: (letters) => letters.has("S") && !letters.has("s"),
    message: "SS are fractions of a second; did you mean ss, the seconds?",
  },
];

/** What a usable pattern is likely to have wrong; each names the letters that were probably meant. */
export function patternAdvice(text: string): readonly string[] {
  const parts = datePattern(text)?.parts.flatMap(({ field }) => (field ? [field] : [])) ?? [];
  const letters: Letters = {
    has: (...fields) => parts.some((part) => fields.includes(part)),
    isBeside: (field, ...others) =>
      parts.some((part, at) => {
        const beside = [parts[at - 1], parts[at + 1]];
        return part === field && beside.some((one) => one !== undefined && others.includes(one));
      }),
  };
  return advices.filter(({ isLikely }) => isLikely(letters)).map(({ message }) => `the pattern "${text}": ${message}`);
}
