/** A page of a list; `nextPage` is the `page` of the next call, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPage: string | null;
}
