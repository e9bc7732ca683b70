import type { Delivery, FailedAttempt } from "../core/delivery.ts";

/** The options of a release or rejection that decide whether the receive counts. */
export interface CountOptions {
  readonly attempt?: FailedAttempt;
  readonly counted?: boolean;
}

/**
 * Returns a delivery as it is when a receive has ended. If the receive counts, the count is one higher and the attempt
 * is stored.
 */
export function afterAttempt<D extends Pick<Delivery, "deliveryCount" | "lastAttempt">>(
  delivery: D,
  { attempt, counted = false }: CountOptions,
): D {
  if (attempt === undefined && !counted) return delivery;
  return {
    ...delivery,
    deliveryCount: delivery.deliveryCount + 1,
    ...(attempt !== undefined && { lastAttempt: attempt }),
  };
}
