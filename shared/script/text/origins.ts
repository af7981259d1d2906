import type { TextOrigin, TextPlace } from "../../model/place.js";
import { textPlacesOf } from "./positions.js";
import type { Edited } from "./text-edits.js";

/** Where the parts of an edited text stood, in the order of the text. */
export function originsOf(before: string, { text, parts }: Edited): readonly TextOrigin[] {
  const [placeAfter, placeBefore] = [textPlacesOf(text), textPlacesOf(before)];
  return parts.map(({ from, origin, isNew }) => ({
    at: placeAfter(from),
    was: placeBefore(origin),
    ...(isNew && { isNew }),
  }));
}

/** Where a place of the edited text stood before; the place itself where nothing moved. */
export function placeBefore(place: TextPlace, origins: readonly TextOrigin[]): TextPlace {
  const origin = origins.findLast(
    ({ at }) => at.line < place.line || (at.line === place.line && at.column <= place.column),
  );
  if (!origin) return place;
  const { at, was, isNew } = origin;
  if (isNew) return was;
  const line = was.line + place.line - at.line;
  return { line, column: place.line === at.line ? was.column + place.column - at.column : place.column };
}
