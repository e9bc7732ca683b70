import type { PeekedDelivery } from "../../../core/delivery.ts";
import type { PeekOptions } from "../../../ports/delivery-queue.ts";
import { decodePosition, encodePosition } from "../../queue-position.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import type { QueueAddress } from "../link/names.ts";
import { decodeFrame } from "./message-frame.ts";
import type { QueueView } from "./queue-view.ts";

/**
 * Implements `peek`: reads the messages of a queue one after the other, in the order of its stream. Skips messages that
 * cannot be read.
 *
 * @param view contains the locks of the deliveries; `undefined` if this node has not used the queue
 */
export async function peekMessages(
  api: JetStreamApi,
  address: QueueAddress,
  view: QueueView | undefined,
  { max, maxBytes = Number.POSITIVE_INFINITY, after, now }: PeekOptions,
): Promise<PeekedDelivery[]> {
  const peeked: PeekedDelivery[] = [];
  view?.expire(now);
  let next = after === undefined ? 1 : decodePosition(after).sequence + 1;
  let bytes = 0;
  while (peeked.length < max) {
    const message = await api.nextMessage(address, next);
    if (message === undefined) break;
    const { sequence } = message;
    next = sequence + 1;
    const frame = await decodeFrame(message.payload).catch(() => undefined);
    if (frame === undefined) continue;
    const { delivery, dueAt = delivery.enqueuedAt } = frame;
    bytes += delivery.event.json.length;
    if (peeked.length > 0 && bytes > maxBytes) break;
    const lockedUntil = view?.locks.lockedUntil(sequence);
    const position = encodePosition({ dueAt, sequence });
    peeked.push({ ...delivery, position, dueAt, ...(lockedUntil !== undefined && { lockedUntil }) });
  }
  return peeked;
}
