const BUSINESS =
  /\$\[|\$\{?(bizdate|cyctime|gmtdate|bizmonth|bdp\.system\.)|\$\{(data\.(start|end)|[^{}]*(yy|mm|dd)[^{}]*)\}/i;

/**
 * Whether a script is written for a business date: then each planned time does other work. Rather too often yes, since no
 * is believed where missed firings are left out.
 *
 * @param texts  the script and the values of its parameters
 */
export function usesBusinessTime(texts: readonly string[]): boolean {
  return texts.some((text) => BUSINESS.test(text));
}
