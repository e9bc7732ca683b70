/** Runs work with limited concurrency. Further work waits in order. */
export type Limiter = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Creates a limiter that runs at most `limit` pieces of work at a time. */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The next one in line gets the place, so `running` does not change.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
