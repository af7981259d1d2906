const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Text of the first element of a name, CDATA or escaped; null = there is none. The service's documents nest no two alike. */
export function textOfTag(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
  return found === undefined ? null : plainText(found);
}

/** The inner XML of all elements of a name. */
export function tags(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, inner = ""]) => inner,
  );
}

/** Text without the XML around it. */
export function plainText(inner: string): string {
  if (!inner.includes("<![CDATA[")) return unescaped(inner);
  return [...inner.matchAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g)].map(([, text = ""]) => text).join("");
}

function unescaped(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/g, (_, name, decimal, hex) => {
    if (name !== undefined) return entities[name] ?? "";
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
