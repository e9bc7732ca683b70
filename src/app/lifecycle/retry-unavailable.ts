import { RingmainError, toError } from "../../core/errors.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";

/**
 * Repeats an attempt that rejects with `store_unavailable`, for a limited time. Rejects at once with any other failure.
 * @param discard releases the result of an attempt that succeeds after the start has been aborted
 */
export type RetryUnavailable = <T>(attempt: () => Promise<T>, discard?: (late: T) => unknown) => Promise<T>;

export interface RetryDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** When aborted, the retry does not wait for the current attempt and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Time limit: long enough for several nodes to create a store at once on servers that are still starting. */
const PATIENCE_MS = MINUTE_MS;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS: number = 2 * SECOND_MS;

/**
 * Returns a retry whose time limit begins now and applies to all attempts made with it. Pauses between attempts grow from
 * a quarter of a second to two seconds.
 */
export function createRetryUnavailable({ clock, logger, signal }: RetryDependencies): RetryUnavailable {
  const startedAt = clock.now();
  const deadline = startedAt + PATIENCE_MS;

  return async (attempt, discard) => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await unlessAborted(attempt, discard, signal);
      } catch (thrown) {
        if (signal.aborted || !isUnavailable(thrown)) throw thrown;
        const now = clock.now();
        if (now >= deadline) throw gaveUp(thrown, now - startedAt);
        logger.warn("store_not_ready", { reason: thrown.message, givingUpAfterMs: deadline - now });
        await clock.sleepUntil(Math.min(now + pauseMs, deadline), signal);
      }
    }
  };
}

function isUnavailable(thrown: unknown): thrown is RingmainError {
  return thrown instanceof RingmainError && thrown.code === "store_unavailable";
}

function gaveUp(last: RingmainError, waitedMs: number): RingmainError {
  const waited = `Given up after ${Math.round(waitedMs / SECOND_MS)} s.`;
  return new RingmainError(last.code, `${last.message} ${waited}`, { cause: last });
}

/** Rejects as soon as `signal` is aborted, without waiting for the attempt to end. */
function unlessAborted<T>(
  attempt: () => Promise<T>,
  discard: ((late: T) => unknown) | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stopWaiting = onAbort(signal, () => reject(toError(signal.reason)));
    const succeed = (result: T): void => {
      if (signal.aborted) discard?.(result);
      else resolve(result);
    };
    attempt().finally(stopWaiting).then(succeed, reject);
  });
}
