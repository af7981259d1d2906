/** Something that JSON does not know but people's editors, wikis and other parsers let pass. */
export interface OddCharacter {
  readonly offset: number;
  readonly kind: "blank" | "mojibake" | "fullWidth" | "lineBreak" | "tab" | "singleQuote" | "hashComment";
  /** The character itself; of a comment all of it. */
  readonly seen: string;
  /** What it stands for: as long as `seen`, so that offsets stay. */
  readonly meant: string;
}
