/** A place in a text, both numbers 1-based; columns count UTF-16 units, as editors do. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** From a place of an edited text on, up to the next such place: where that stood before the edits. */
export interface TextOrigin {
  readonly at: TextPlace;
  readonly was: TextPlace;
  /** What begins here was put in: all of it counts as standing at `was`. */
  readonly isNew?: boolean;
}
