import { configSchema, type ConfigFile } from "../app/config/schema.ts";
import type { ReadyReport } from "../app/report/ready-report.ts";
import { startRingmain } from "../app/start-ringmain.ts";
import type { EpochMs } from "../core/time.ts";
import type { EngineEvent } from "../ports/engine-events.ts";
import { SILENT_LOGGER, type Logger } from "../ports/logger.ts";
import { fastForward, ManualClock } from "./manual-clock.ts";

export interface TestRingmainOptions {
  /**
   * Content of `ringmain.config.json`. The defaults of a test are memory, a free port, and retries by Azure's
   * schedule without probation.
   */
  readonly config?: ConfigFile;
  /** Folder that relative paths refer to. Default: the working directory. */
  readonly folder?: string;
  readonly logger?: Logger;
  /** Initial time of the clock. Default: the current time. */
  readonly startAt?: EpochMs;
}

/** A complete Ringmain for a test: real HTTP, and a clock that stands still until it is moved. */
export interface TestRingmain extends ReadyReport {
  /** Every event that the engine has emitted so far. */
  readonly events: readonly EngineEvent[];
  readonly clock: ManualClock;
  /**
   * Advances the clock by `ms`, and stops whenever work becomes due until it is done. A day of retries takes
   * milliseconds, with the attempts at their exact times.
   */
  fastForward(ms: number): Promise<void>;
  /** Resolves when everything that was published has been delivered, dead-lettered, or waits for a retry. */
  quiesce(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a Ringmain in this process, in memory, on a free port, with a manual clock. */
export async function startTestRingmain(options: TestRingmainOptions = {}): Promise<TestRingmain> {
  const clock = new ManualClock(options.startAt ?? Date.now());
  const delivery = { schedule: "azure" as const, maxProbationSeconds: 0, ...options.config?.delivery };
  const config = configSchema.parse({ memory: true, port: 0, ...options.config, delivery });
  const events: EngineEvent[] = [];
  const ringmain = await startRingmain({
    config,
    folder: options.folder ?? process.cwd(),
    logger: options.logger ?? SILENT_LOGGER,
    clock,
  });
  ringmain.engine.observe((event) => events.push(event));
  return {
    ...ringmain.report,
    events,
    clock,
    fastForward: (ms) => fastForward(clock, () => ringmain.engine.idle(), ms),
    quiesce: () => ringmain.engine.quiesce(),
    stop: () => ringmain.stop(),
    [Symbol.asyncDispose]: () => ringmain.stop(),
  };
}
