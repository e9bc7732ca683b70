import type { Lock } from "../../lock-table.ts";
import type { RoomNeed } from "../log/room.ts";
import type { EncodedArrival } from "./encode-arrivals.ts";
import type { HeldDelivery } from "./queue-state.ts";

/** Estimated bytes of a record in addition to its event. */
const RECORD_BYTES = 256;

/** Returns the room that new deliveries need. A delivery without its event needs little. */
export function roomOfArrivals(encoded: readonly EncodedArrival[]): RoomNeed {
  let [bytes, longest] = [0, 0];
  for (const arrival of encoded) {
    const { length } = "pack" in arrival ? arrival.pack.bytes : arrival.encodedEvent;
    bytes += length + ("pack" in arrival ? RECORD_BYTES : RECORD_BYTES * arrival.to.length);
    longest = Math.max(longest, length);
  }
  return { bytes, longest, purpose: "arriving" };
}

/** Returns the room for deliveries that are written again, each in a separate record. */
export function roomOfHeld(locks: readonly Lock<HeldDelivery>[]): RoomNeed {
  let [bytes, longest] = [0, 0];
  for (const { delivery } of locks) {
    const length = 2 * RECORD_BYTES + (typeof delivery.delivery.event === "number" ? 0 : delivery.bytes);
    bytes += length;
    longest = Math.max(longest, length);
  }
  return { bytes, longest, purpose: "settling" };
}
