/** A line of a text that was compared: in both, in the earlier one only, in the later one only. */
export interface LineChange {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/** Beyond so many differing lines the texts have little in common: then all of one stands before all of the other. */
const MOST_CHANGES = 1000;

/**
 * The shortest way from one text's lines to another's.
 * Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
 */
export function compareLines(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shortest - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const middle = changesBetween(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...before.slice(0, head).map(signed(" ")), ...middle, ...before.slice(before.length - tail).map(signed(" "))];
}

const signed =
  (sign: LineChange["sign"]) =>
  (line: string): LineChange => ({ sign, line });

/** How far each diagonal reaches after each number of changes; undefined = there are too many. */
function reachOf(before: readonly string[], after: readonly string[]): readonly Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(MOST_CHANGES, before.length + after.length); changes++) {
    const next = new Map<number, number>();
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = goesDown(reach, diagonal, changes) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x < before.length || x - diagonal < after.length) continue;
      trace.push(next);
      return trace;
    }
    trace.push(next);
    reach = next;
  }
  return undefined;
}

/** True when the furthest way to a diagonal adds a line; else it leaves one out. */
function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  return diagonal !== changes && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

function changesBetween(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const trace = reachOf(before, after);
  if (!trace) return [...before.map(signed("-")), ...after.map(signed("+"))];
  const found: LineChange[] = [];
  let [x, y] = [before.length, after.length];
  for (let changes = trace.length - 1; changes > 0; changes--) {
    const reach = trace[changes - 1] ?? new Map<number, number>();
    const diagonal = x - y;
    const isAdded = goesDown(reach, diagonal, changes);
    const from = isAdded ? diagonal + 1 : diagonal - 1;
    const startX = reach.get(from) ?? 0;
    const startY = startX - from;
    for (; x > startX && y > startY; x--, y--) found.push({ sign: " ", line: before[x - 1] ?? "" });
    found.push(isAdded ? { sign: "+", line: after[startY] ?? "" } : { sign: "-", line: before[startX] ?? "" });
    [x, y] = [startX, startY];
  }
  for (; x > 0; x--) found.push({ sign: " ", line: before[x - 1] ?? "" });
  return found.reverse();
}

/** Lines shown around each change. */
const CONTEXT = 3;

/** The changes as `diff -u` prints them, without its two lines of names; empty when nothing differs. */
export function unifiedDiff(changes: readonly LineChange[]): string {
  const lines: string[] = [];
  let [before, after, at] = [1, 1, 0];
  for (const { from, to } of hunksOf(changes)) {
    for (; at < from; at++) [before, after] = [before + 1, after + 1];
    const some = changes.slice(from, to);
    const counted = (sign: "-" | "+") => some.filter((one) => one.sign === " " || one.sign === sign).length;
    const [removed, added] = [counted("-"), counted("+")];
    const start = (line: number, count: number) => (count === 0 ? line - 1 : line);
    lines.push(`@@ -${start(before, removed)},${removed} +${start(after, added)},${added} @@`);
    lines.push(...some.map(({ sign, line }) => `${sign}${line}`));
    [before, after, at] = [before + removed, after + added, to];
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Stretches around the changes; those that touch are one. */
function hunksOf(changes: readonly LineChange[]): { from: number; to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [i, { sign }] of changes.entries()) {
    if (sign === " ") continue;
    const [from, to] = [Math.max(0, i - CONTEXT), Math.min(changes.length, i + CONTEXT + 1)];
    const last = hunks.at(-1);
    if (last && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}
