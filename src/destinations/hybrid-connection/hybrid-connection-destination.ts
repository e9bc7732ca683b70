import { sharedAccessSignature } from "../../codec/shared-access-signature.ts";
import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { AttributedResourceProperties } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { HOUR_MS, type EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import type { FindConnection } from "../find-connection.ts";
import { ENDPOINT_PARTS, namespaceEndpoint } from "../namespace-endpoint.ts";
import { unknownConnection } from "../outgoing/attempt.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import { deliveryHeaders } from "../push/delivery-headers.ts";
import { oneByOne } from "../push/one-by-one.ts";
import { createPushBatch } from "../push/push-batch.ts";

const TOKEN_LIFE_MS = HOUR_MS;

/**
 * Opens a destination that posts events through Azure Relay to the listener of a hybrid connection, in the form of a
 * webhook's requests. The relay removes its token from the request. Source: [EG-RELAY]
 */
export function openHybridConnection(
  client: HttpClient,
  findConnection: FindConnection,
  subscriber: Subscriber,
  { resourceId, deliveryAttributeMappings }: AttributedResourceProperties,
): Destination {
  const [namespace = "", name = ""] = destinationNames("HybridConnection", resourceId);
  const headers = deliveryHeaders(subscriber, deliveryAttributeMappings);

  async function deliverOne(delivery: LockedDelivery, now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    const endpoint = namespaceEndpoint(findConnection(namespace) ?? "");
    if (endpoint === undefined) return unknownConnection(namespace, ENDPOINT_PARTS);
    const { host, port, emulator, keyName, key } = endpoint;
    const path = `${host}${port === undefined ? "" : `:${port}`}/${encodeURIComponent(name)}`;
    const target = httpTarget(`http${emulator ? "" : "s"}://${path}`);
    if (target === undefined) return unknownConnection(namespace, ENDPOINT_PARTS);
    const resource = `http://${path}`;
    const token = sharedAccessSignature({ resource, keyName, key, expiresAt: now + TOKEN_LIFE_MS });
    const signed = {
      ...headers,
      ofBatch: (first: LockedDelivery, contentType: string): string[] => [
        ...headers.ofBatch(first, contentType),
        "ServiceBusAuthorization",
        token,
      ],
    };
    const push = createPushBatch(client, subscriber, { headers: signed });
    const reply = await push(target, [delivery], signal);
    if (reply.kind === "failed") return reply;
    if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
    return refusal(`POST ${target.shown}`, reply.status);
  }

  return { deliver: oneByOne(deliverOne), close: async () => {} };
}
