import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../system/system-clock.ts";
import { systemRandom } from "../system/system-random.ts";
import { PartStack } from "./part-stack.ts";
import { ProcessState } from "./process-state.ts";
import { createRetryUnavailable, type RetryUnavailable } from "./retry-unavailable.ts";

/** Options of a Ringmain. */
export interface RingmainOptions {
  readonly config: Config;
  /** Base of relative paths in the configuration. */
  readonly folder: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** When aborted, a start in progress releases the open parts and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options and shared mechanisms for opening parts. */
export interface StartContext extends Required<RingmainOptions> {
  /** The parts that are open, each with its release. */
  readonly parts: PartStack;
  readonly state: ProcessState;
  /**
   * Repeats requests that the servers of a shared store refuse while they are starting. Its time limit begins with the
   * start.
   */
  readonly retry: RetryUnavailable;
}

/** Returns the context of one start, with the system's clock and random numbers unless the options set others. */
export function createStartContext(options: RingmainOptions): StartContext {
  const { logger, clock = systemClock, random = systemRandom, signal = new AbortController().signal } = options;
  return {
    ...options,
    clock,
    random,
    signal,
    parts: new PartStack(logger),
    state: new ProcessState(),
    retry: createRetryUnavailable({ clock, logger, signal }),
  };
}
