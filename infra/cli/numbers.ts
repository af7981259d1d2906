const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A count with thousands separated. */
export function groupedCount(value: number): string {
  return grouped.format(value);
}

/** A count with its noun, in the plural where needed: `1 split`, `5 splits`. */
export function groupedCounted(value: number, noun: string): string {
  return `${groupedCount(value)} ${noun}${value === 1 ? "" : "s"}`;
}

const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes in the largest fitting unit of 1,024, two decimals. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? groupedCount(size) : size.toFixed(2)} ${units[unit]}`;
}

/** Seconds for a report: `0.42 s`, `7.3 s`, `95 s`. */
export function seconds(value: number): string {
  return `${value < 1 ? value.toFixed(2) : value < 60 ? value.toFixed(1) : groupedCount(value)} s`;
}

/** Seconds as a clock, for what is still to come: `0:07`, `12:30`, `1:02:05`. */
export function clock(value: number): string {
  const whole = Math.max(0, Math.round(value));
  const two = (part: number): string => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** An ISO time in the reader's own zone, `yyyy-MM-dd HH:mm:ss`; a dash for none. */
export function localTime(iso: string | null): string {
  if (iso === null) return "-";
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (part: number): string => String(part).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
