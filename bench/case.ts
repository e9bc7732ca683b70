import type { Figure } from "./report.ts";

/** How long and how often; `quick` is for a look, not for quoting. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** A case measures and answers its figures. */
export type Case = (effort: Effort) => Promise<Figure[]>;
