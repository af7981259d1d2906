/** How a call is repeated. */
export interface Retries {
  /** Tries in all. */
  readonly attempts: number;
  /** Whether the same call may succeed a moment later. */
  readonly mayPass: (error: unknown) => boolean;
  /** Waits before the next try; absent = {@link backOff}. */
  readonly wait?: (attempt: number) => Promise<void>;
}

/**
 * Calls until it succeeds, its trouble does not pass, or the tries are used up.
 *
 * @param call  is told which try it is, from 1
 * @throws what the last try threw
 */
export async function retrying<T>(
  call: (attempt: number) => Promise<T>,
  { attempts, mayPass, wait = backOff }: Retries,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (attempt >= attempts || !mayPass(error)) throw error;
    }
    await wait(attempt);
  }
}

/**
 * Waits before the next attempt: twice as long as before the last one, with chance in it, so that many who were refused
 * together do not come back together.
 *
 * @param attempt  1-based number of the one that failed
 * @param baseMs   about half of the first wait
 */
export async function backOff(attempt: number, baseMs = 50): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, baseMs * 2 ** attempt * (0.5 + Math.random())));
}
