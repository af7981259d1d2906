import { counted } from "../model/counted.js";
import type { MappedPair, MappedSide, MappingReport } from "../model/mapping.js";

/** What differs between the columns that a job has in development and in production; empty = nothing. */
export function schemaDifferences(development: MappingReport, production: MappingReport): readonly string[] {
  return (["reader", "writer"] as const).flatMap((side) => {
    const [before, after] = [sideOf(development, side), sideOf(production, side)];
    if (before.length !== after.length)
      return [
        `the ${side} has ${counted(before.length, "column")} in development (${namesOf(before)}), ${after.length} in production (${namesOf(after)})`,
      ];
    return before.flatMap((one, at) => differenceOf(side, at, [one, after[at] ?? one]));
  });
}

/** A writer that takes any column has those of the reader. */
function sideOf({ columns, width }: MappingReport, side: "reader" | "writer"): readonly MappedSide[] {
  if (width[side] === null) return [];
  const key = side === "reader" ? "from" : "to";
  return columns.flatMap((pair: MappedPair) => pair[key] ?? []);
}

function namesOf(sides: readonly MappedSide[]): string {
  return sides.map(({ name }) => name).join(", ");
}

function differenceOf(side: string, at: number, [before, after]: readonly [MappedSide, MappedSide]): string[] {
  const place = `column ${at + 1} of the ${side}`;
  if (before.name.toLowerCase() !== after.name.toLowerCase())
    return [`${place} is ${before.name} in development, ${after.name} in production`];
  if (before.type.toLowerCase() !== after.type.toLowerCase())
    return [`${place}, ${before.name}, is ${before.type} in development, ${after.type} in production`];
  const refusesNull = (one: MappedSide) => one.nullable === false;
  if (side === "writer" && !refusesNull(before) && refusesNull(after))
    return [`${place}, ${before.name}, may be null in development and takes no null in production`];
  return [];
}
