import iconv from "iconv-lite";

/** An encoding other than UTF-8. Nothing is replaced on the way: what cannot be expressed or read is told. */
export interface TextEncoding {
  /** The byte order mark that a file in this encoding begins with; empty for most. */
  readonly mark: Buffer;
  /** Null when the text holds a character that the encoding has not. */
  encode(text: string): Buffer | null;
}

/** Opens an encoding by a name that `foreignEncoding` let pass. */
export function textEncoding(name: string): TextEncoding {
  const bare = (text: string) => iconv.encode(text, name, { addBOM: false });
  const marked = iconv.encode("x", name);
  return {
    mark: marked.subarray(0, marked.length - bare("x").length),
    encode(text) {
      const bytes = bare(text);
      // The library writes a question mark for what it cannot express.
      return iconv.decode(bytes, name, { stripBOM: false }) === text ? bytes : null;
    },
  };
}

/** Stands in our UTF-8 for bytes that are no text in the file's encoding: since it is no UTF-8, the record becomes dirty. */
const UNREADABLE = Buffer.from([0xff]);
/** In encodings made of UTF-16 units the replacement character is a character like any other. */
const UNITS = /^ucs|^utf-?16/i;

/** UTF-8 of text that the library decoded; see {@link UNREADABLE}. */
export function utf8Of(text: string, encoding: string): Buffer {
  const broken = UNITS.test(encoding) ? /\p{Surrogate}/u : /\ufffd/;
  if (!broken.test(text)) return Buffer.from(text, "utf8");
  const parts = text.split(new RegExp(broken, "u")).map((part) => Buffer.from(part, "utf8"));
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [UNREADABLE, part])));
}
