import type { EpochMs } from "../core/time.ts";

/** The only source of time for engine, stores and HTTP. */
export interface Clock {
  now(): EpochMs;
  /**
   * Resolves once `now() >= at`, or at once if that is the case already. Rejects with `signal.reason` when aborted.
   * For `Infinity`, waits only for the signal.
   */
  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void>;
}
