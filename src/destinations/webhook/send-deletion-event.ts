import { formatTime } from "../../core/time.ts";
import type { DeliveryOutcome } from "../../core/delivery.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { DeletionNotice } from "../../ports/destination.ts";
import type { HttpSender } from "../outgoing/http-client.ts";
import type { HttpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import type { DeliveryHeaders } from "../push/delivery-headers.ts";

/** The end of a subscription, and the webhook that is notified of it. */
export interface Deletion {
  readonly target: HttpTarget;
  readonly headers: DeliveryHeaders;
  readonly subscriber: Subscriber;
  readonly notice: DeletionNotice;
}

/** Posts a `Microsoft.EventGrid.SubscriptionDeletedEvent`, once. [EG-SUBSCRIPTION-DELETED] */
export async function sendDeletionEvent(
  client: HttpSender,
  { target, headers, subscriber, notice: { eventId, now } }: Deletion,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const event = {
    id: eventId,
    topic: subscriber.source,
    subject: "",
    data: { eventSubscriptionId: subscriber.id },
    eventType: "Microsoft.EventGrid.SubscriptionDeletedEvent",
    eventTime: formatTime(now),
    metadataVersion: "1",
    dataVersion: "1",
  };
  const body = Buffer.from(JSON.stringify([event]));
  const request = { target, method: "POST" as const, headers: headers.ofDeletion(eventId), body, keepBytes: 0 };
  const reply = await client.send(request, signal);
  if (reply.kind === "failed") return reply;
  if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
  return refusal(`POST ${target.shown}`, reply.status);
}
