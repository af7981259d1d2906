/** The local cloud's time. Tests stop and move it; what waits on it follows. Handlers keep the machine's own time. */
export interface LocalClock {
  /** Epoch ms. */
  now(): number;
  /** Stops the clock at this moment, epoch ms. */
  set(ms: number): void;
  /** Moves it forward; a stopped clock stays stopped, a running one runs on from there. */
  advance(ms: number): void;
  /** Back to the machine's time. */
  real(): void;
  /** Calls `ring` once, as soon as the clock shows `atMs` or later. Returns the function that cancels it. */
  alarm(atMs: number, ring: () => void): () => void;
}

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
  timer: NodeJS.Timeout | undefined;
}

interface State {
  stoppedAt: number | null;
  offsetMs: number;
  readonly alarms: Set<Alarm>;
}

/** A timer cannot wait longer; a later alarm is armed again when it ends. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Makes a clock that shows the machine's time until it is told otherwise. Its alarms do not keep the process alive. */
export function createClock(): LocalClock {
  const state: State = { stoppedAt: null, offsetMs: 0, alarms: new Set() };
  const change = (apply: () => void) => {
    apply();
    for (const alarm of [...state.alarms]) arm(state, alarm);
  };
  return {
    now: () => read(state),
    set: (ms) => change(() => Object.assign(state, { stoppedAt: ms })),
    advance: (ms) =>
      change(() => {
        if (state.stoppedAt === null) state.offsetMs += ms;
        else state.stoppedAt += ms;
      }),
    real: () => change(() => Object.assign(state, { stoppedAt: null, offsetMs: 0 })),
    alarm(atMs, ring) {
      const alarm: Alarm = { atMs, ring, timer: undefined };
      state.alarms.add(alarm);
      arm(state, alarm);
      return () => drop(state, alarm);
    },
  };
}

function read(state: State): number {
  return state.stoppedAt ?? Date.now() + state.offsetMs;
}

function drop(state: State, alarm: Alarm): void {
  clearTimeout(alarm.timer);
  state.alarms.delete(alarm);
}

/** A stopped clock arms nothing that is not due already: only moving it makes anything ring. */
function arm(state: State, alarm: Alarm): void {
  clearTimeout(alarm.timer);
  const waitMs = Math.max(0, alarm.atMs - read(state));
  if (state.stoppedAt !== null && waitMs > 0) return;
  alarm.timer = setTimeout(
    () => {
      if (read(state) < alarm.atMs) return arm(state, alarm);
      drop(state, alarm);
      alarm.ring();
    },
    Math.min(waitMs, LONGEST_WAIT_MS),
  );
  alarm.timer.unref();
}
