/** A dirty record as kept in OSS and listed by the API: one JSON line. Bytes are `{ "base64": … }`. */
export interface KeptDirtyRecord {
  readonly run: string;
  readonly split: number;
  readonly side: "reader" | "writer";
  readonly reason: string;
  readonly message: string;
  readonly column: string | null;
  readonly key: string | null;
  readonly cells: readonly (string | null | { readonly base64: string })[];
}
