import { SECOND_MS } from "../../core/time.ts";
import type { Config } from "./schema.ts";

/** Waiting times of failed deliveries. */
export interface DeliverySchedule {
  /** Maximum time between two attempts. */
  readonly maxRetryGapMs: number;
  /** Time from the last attempt to the dead letter. */
  readonly deadLetterDelayMs: number;
  /** Maximum pause after repeated failures of an endpoint. */
  readonly maxProbationMs: number;
}

interface Seconds {
  readonly maxRetryGap: number;
  readonly deadLetterDelay: number;
  readonly maxProbation: number;
}

/** Azure's times, and times short enough for interactive development. In seconds. [EG-RETRY-SHORT] */
const SCHEDULES: Readonly<Record<"azure" | "short", Seconds>> = {
  azure: { maxRetryGap: Number.POSITIVE_INFINITY, deadLetterDelay: 300, maxProbation: 600 },
  short: { maxRetryGap: 10, deadLetterDelay: 1, maxProbation: 10 },
};

/** Returns the schedule that a configuration sets, or the default schedule of its mode. */
export function deliverySchedule({ mode, delivery }: Pick<Config, "mode" | "delivery">): DeliverySchedule {
  const seconds = SCHEDULES[delivery.schedule ?? (mode === "dev" ? "short" : "azure")];
  return {
    maxRetryGapMs: seconds.maxRetryGap * SECOND_MS,
    deadLetterDelayMs: (delivery.deadLetterDelaySeconds ?? seconds.deadLetterDelay) * SECOND_MS,
    maxProbationMs: (delivery.maxProbationSeconds ?? seconds.maxProbation) * SECOND_MS,
  };
}
