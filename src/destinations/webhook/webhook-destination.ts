import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { EpochMs } from "../../core/time.ts";
import type { WebHookProperties } from "../../core/destinations/web-hook.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { DeletionNotice, Destination, HandshakeOutcome, HandshakeRequest } from "../../ports/destination.ts";
import type { HttpSender } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import { deliveryHeaders } from "../push/delivery-headers.ts";
import { createPushBatch, isBatched } from "../push/push-batch.ts";
import { askByOptions } from "./ask-by-options.ts";
import { askByValidationEvent } from "./ask-by-validation-event.ts";
import { sendDeletionEvent } from "./send-deletion-event.ts";

const NO_URL = "The endpoint is not an HTTP or HTTPS URL.";

/** Opens a destination that posts events to an HTTP endpoint. Source: [EG-DELIVERY-HEADERS], [EG-DELIVERY-SUCCESS] */
export function openWebhook(client: HttpSender, subscriber: Subscriber, properties: WebHookProperties): Destination {
  const target = httpTarget(properties.endpointUrl);
  const headers = deliveryHeaders(subscriber, properties.deliveryAttributeMappings);
  const push = createPushBatch(client, subscriber, { headers, batched: isBatched(properties) });

  async function deliver(
    batch: readonly LockedDelivery[],
    _now: EpochMs,
    signal: AbortSignal,
    trace?: TraceContext,
  ): Promise<DeliveryOutcome> {
    if (target === undefined) return { kind: "failed", outcome: "GenericError", detail: NO_URL };
    const reply = await push(target, batch, signal, trace);
    if (reply.kind === "failed") return reply;
    if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
    return refusal(`POST ${target.shown}`, reply.status);
  }

  async function handshake(request: HandshakeRequest, signal: AbortSignal): Promise<HandshakeOutcome> {
    if (target === undefined) return { kind: "failed", detail: NO_URL };
    const question = { client, target, headers, topic: subscriber.source, request };
    // [EG-HANDSHAKE-OPTIONS]
    const byOptions = subscriber.eventDeliverySchema === "CloudEventSchemaV1_0";
    return byOptions ? askByOptions(question, signal) : askByValidationEvent(question, signal);
  }

  async function subscriptionDeleted(
    notice: DeletionNotice,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome | undefined> {
    // The CloudEvents handshake has no such event.
    if (target === undefined || subscriber.eventDeliverySchema === "CloudEventSchemaV1_0") return undefined;
    return sendDeletionEvent(client, { target, headers, subscriber, notice }, signal);
  }

  return { deliver, handshake, subscriptionDeleted, close: async () => {} };
}
