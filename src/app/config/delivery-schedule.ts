import { SECOND_MS } from "../../core/time.ts";
import type { Config } from "./schema.ts";

/** How long deliveries wait that cannot be made now. */
export interface DeliverySchedule {
  /** No retry waits longer than this. */
  readonly maxRetryGapMs: number;
  /** From the last attempt to the dead letter. */
  readonly deadLetterDelayMs: number;
  /** No endpoint is left alone for longer. */
  readonly maxProbationMs: number;
}

interface Seconds {
  readonly maxRetryGap: number;
  readonly deadLetterDelay: number;
  readonly maxProbation: number;
}

/** Azure's times, and times in which someone at a laptop still looks. [EG-RETRY-SHORT] */
const SCHEDULES: Readonly<Record<"azure" | "short", Seconds>> = {
  azure: { maxRetryGap: Number.POSITIVE_INFINITY, deadLetterDelay: 300, maxProbation: 600 },
  short: { maxRetryGap: 10, deadLetterDelay: 1, maxProbation: 10 },
};

/** Returns the schedule that a configuration asks for, or else that of its mode. */
export function deliverySchedule({ mode, delivery }: Pick<Config, "mode" | "delivery">): DeliverySchedule {
  const seconds = SCHEDULES[delivery.schedule ?? (mode === "dev" ? "short" : "azure")];
  return {
    maxRetryGapMs: seconds.maxRetryGap * SECOND_MS,
    deadLetterDelayMs: (delivery.deadLetterDelaySeconds ?? seconds.deadLetterDelay) * SECOND_MS,
    maxProbationMs: (delivery.maxProbationSeconds ?? seconds.maxProbation) * SECOND_MS,
  };
}
