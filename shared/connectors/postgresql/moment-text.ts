const plus = 0x2b;
const minus = 0x2d;
const blank = 0x20;

/** `… 20:34:56.123456+08`, `+05:30`, with seconds before standard time; ` BC` behind years before 1. */
const shape = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/** Takes the offset off the text of a `timestamptz`, in its place: what the session's clock shows stays; `infinity` has none. @returns where it ends now */
export function withoutOffset(data: Buffer, from: number, to: number): number {
  const isBefore = data[to - 1] === 0x43 && data[to - 3] === blank;
  const end = isBefore ? to - 3 : to;
  let at = end - 1;
  while (at > from && data[at] !== plus && data[at] !== minus) at--;
  // A date's own dashes stand further in front.
  if (at < from + 19) return to;
  data.copyWithin(at, end, to);
  return at + to - end;
}

/** Moves the text of a `timestamptz` to the clock of UTC, in its place. @returns where it ends now */
export function toUtc(data: Buffer, from: number, to: number): number {
  return from + data.write(onUtcClock(data.toString("latin1", from, to)), from, "latin1");
}

/** A moment's text on the clock of UTC; years count as the server counts them, also beyond those of JavaScript's dates. */
export function onUtcClock(text: string): string {
  const found = shape.exec(text);
  if (!found) return text;
  const [, year, month, day, hour, minute, second, fraction = "", sign, hours, minutes = "0", seconds = "0", era] =
    found;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const clock = (Number(hour) * 60 + Number(minute)) * 60 + Number(second) + (sign === "-" ? offset : -offset);
  const days = Math.floor(clock / 86_400);
  const rest = clock - days * 86_400;
  const date = dateOf(dayNumber(era ? 1 - Number(year) : Number(year), Number(month), Number(day)) + days);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}${fraction}`;
  const isBefore = date.year < 1;
  const yearDigits = String(isBefore ? 1 - date.year : date.year).padStart(4, "0");
  return `${yearDigits}-${two(date.month)}-${two(date.day)} ${time}${isBefore ? " BC" : ""}`;
}

/** Days since 0000-03-01 of the proleptic Gregorian calendar: a year that begins in March has its leap day at its end. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + inYear;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const era = Math.floor(days / 146_097);
  const inEra = days - era * 146_097;
  const ofEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * ofEra + Math.floor(ofEra / 4) - Math.floor(ofEra / 100));
  const shifted = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: era * 400 + ofEra + (month < 3 ? 1 : 0), month, day };
}
