/** Zones that the servers of the tests know by name: with summer time on both sides of the ocean, without, and south of the equator. */
const zones = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] as const;

const day = 86_400;
/** Beyond it TIMESTAMPs end. */
const end = Date.UTC(2038, 0, 19) / 1000;
/** Moments that the tables can name begin here; before 1970 a zone is taken to have been as then. */
const begin = -2_147_483_648;

/**
 * Statements that fill MySQL's and MariaDB's time zone tables, one line each: what `mysql_tzinfo_to_sql` does on systems that
 * have the zones as files. Here they are Node's.
 */
export function zoneTables(): string[] {
  return zones.flatMap((zone, index) => {
    // Servers that bring zones of their own count from one.
    const id = 1001 + index;
    const changes = changesOf(zone);
    const offsets = [...new Set(changes.map(({ offset }) => offset))];
    const base = Math.min(...offsets);
    return [
      `REPLACE INTO mysql.time_zone VALUES (${id}, 'N');`,
      `REPLACE INTO mysql.time_zone_name VALUES ('${zone}', ${id});`,
      ...offsets.map(
        (offset, type) =>
          `REPLACE INTO mysql.time_zone_transition_type VALUES (${id}, ${type}, ${offset}, ${Number(offset > base)}, '');`,
      ),
      `REPLACE INTO mysql.time_zone_transition VALUES ${changes
        .map(({ at, offset }) => `(${id}, ${at}, ${offsets.indexOf(offset)})`)
        .join(", ")};`,
    ];
  });
}

/** When the clocks of a zone were changed, in seconds since 1970, and what they have been ahead of UTC by since. */
function changesOf(zone: string): { at: number; offset: number }[] {
  const offsetAt = offsetsOf(zone);
  const changes = [{ at: begin, offset: offsetAt(0) }];
  for (let from = 0; from < end; from += 30 * day) {
    const offset = offsetAt(from + 30 * day);
    if (offset === changes.at(-1)?.offset) continue;
    let [before, after] = [from, from + 30 * day];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === offset) after = middle;
      else before = middle;
    }
    changes.push({ at: after, offset });
  }
  return changes;
}

function offsetsOf(zone: string): (second: number) => number {
  const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", second: "numeric", ...numeric });
  return (second) => {
    const parts = Object.fromEntries(
      format.formatToParts(second * 1000).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day: date, hour, minute, second: seconds } = parts;
    return Date.UTC(year, month - 1, date, hour, minute, seconds) / 1000 - second;
  };
}
