import { builtInValues } from "./business-time.js";
import { businessExpression, plannedExpression, type ReadExpression, valueOfExpression } from "./date-expression.js";

/** Something met while substituting, and the field it stands in. */
export interface Finding {
  readonly text: string;
  readonly path: string;
}

/** Values of date expressions for one planned time; the lists fill up as it is asked. */
export interface DateValues {
  /** The value of an expression; undefined when it stays as written. */
  of(read: ReadExpression, written: Finding): string | undefined;
  /** The value that a parameter stands for: one that is an expression as a whole, as DataWorks assigns them to names, is computed. */
  assigned(value: string, name: string, path: string): string;
  /** Left alone, for want of a planned time. */
  readonly waiting: readonly Finding[];
  /** What is wrong with expressions, known with and without a planned time. */
  readonly malformed: readonly Finding[];
  /** Expressions with letters that mean nothing and stay as they are. */
  readonly odd: readonly Finding[];
}

const ASSIGNED = /^\$(?:\{([^{}]*)\}|\[([^\][]*)\]|(bizdate|cyctime|gmtdate|bizmonth))$/;
const WORD = /^[A-Za-z]+$/;

/**
 * Opens the values for a planned time.
 *
 * @param plannedMs  the planned time as its clock shows it, as if it were UTC, epoch ms; undefined = not known
 */
export function dateValues(plannedMs: number | undefined): DateValues {
  const [waiting, malformed, odd]: [Finding[], Finding[], Finding[]] = [[], [], []];
  const compute = (read: ReadExpression, { text, path }: Finding): string | undefined => {
    if ("problem" in read) {
      malformed.push({ text: `the date expression ${text}: ${read.problem}`, path });
      return undefined;
    }
    if (read.literal !== "")
      odd.push({ text: `"${read.literal}" in ${text} is no part of a date and stays as it is`, path });
    if (plannedMs === undefined) {
      waiting.push({ text, path });
      return undefined;
    }
    const value = valueOfExpression(read, plannedMs);
    if (value === null) malformed.push({ text: `the date expression ${text} leaves the years 1 to 9999`, path });
    return value ?? undefined;
  };
  return {
    waiting,
    malformed,
    odd,
    of: (read, { text, path }) => compute(read, { text: `"${text}"`, path }),
    assigned(value, name, path) {
      const [, braced, bracketed, builtIn] = ASSIGNED.exec(value) ?? [];
      const text = `"${value}" of parameter "${name}"`;
      if (builtIn !== undefined) return plannedMs === undefined ? value : (builtInOf(builtIn, plannedMs) ?? value);
      const read = braced === undefined ? plannedExpression(bracketed ?? "") : businessExpression(braced);
      if (read) return compute(read, { text, path }) ?? value;
      if (bracketed === undefined || !WORD.test(bracketed)) return value;
      odd.push({ text: `${text} is no date expression and becomes "${bracketed}"`, path });
      return bracketed;
    },
  };
}

function builtInOf(name: string, plannedMs: number): string | undefined {
  return { ...builtInValues(plannedMs) }[name as keyof ReturnType<typeof builtInValues>];
}
