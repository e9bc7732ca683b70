import type { Delivery, FailedAttempt } from "../core/delivery.ts";

/** The parts of a release or rejection that say whether the receive counts. */
export interface CountOptions {
  readonly attempt?: FailedAttempt;
  readonly counted?: boolean;
}

/** Returns a delivery as it is after a receive that ended: with a higher count, and its attempt, if it counts. */
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
