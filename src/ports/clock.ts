import type { EpochMs } from "../core/time.ts";

/** The only source of time for engine, stores and HTTP. */
export interface Clock {
  now(): EpochMs;
  /**
   * Resolves once `now() >= at`, at once when that is so already. Rejects with `signal.reason` when aborted.
   * An instant that never comes may be given (`Infinity`): it then waits for the signal alone.
   */
  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void>;
}
