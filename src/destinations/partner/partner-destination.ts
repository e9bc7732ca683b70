import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { ResourceProperties } from "../../core/destinations/destination-property.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import type { Failed } from "../outgoing/attempt.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import { deliveryHeaders } from "../push/delivery-headers.ts";
import { oneByOne } from "../push/one-by-one.ts";
import { createPushBatch } from "../push/push-batch.ts";

/** A partner's system from the configuration. */
export interface PartnerDestination {
  /** The full URL with its query, which may contain secrets. */
  readonly endpointUrl: string;
  readonly activationState: "NeverActivated" | "Activated";
}

/** Looks up a partner destination by name. Called for every attempt. */
export type FindPartnerDestination = (name: string) => PartnerDestination | undefined;

/** Opens a destination that posts each event to a partner's activated system. Source: [EG-PARTNER-DESTINATION] */
export function openPartnerDestination(
  client: HttpClient,
  findPartner: FindPartnerDestination,
  subscriber: Subscriber,
  { resourceId }: ResourceProperties,
): Destination {
  const [name = ""] = destinationNames("PartnerDestination", resourceId);
  const push = createPushBatch(client, subscriber, { headers: deliveryHeaders(subscriber, []) });

  async function deliverOne(delivery: LockedDelivery, _now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    const partner = findPartner(name);
    const target = partner && httpTarget(partner.endpointUrl);
    if (target === undefined) return unknownPartner(name);
    if (partner?.activationState !== "Activated") {
      const detail = `The partner destination '${name}' is not activated: set its 'activationState' to 'Activated'.`;
      return { kind: "failed", outcome: "Disabled", detail };
    }
    const reply = await push(target, [delivery], signal);
    if (reply.kind === "failed") return reply;
    if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
    return refusal(`POST ${target.shown}`, reply.status);
  }

  return { deliver: oneByOne(deliverOne), close: async () => {} };
}

/** Returns the outcome for a partner destination that is missing in the configuration. [EG-DESTINATION-UNKNOWN] */
function unknownPartner(name: string): Failed {
  const detail = `The configuration has no partner destination '${name}': add it to 'partnerDestinations'.`;
  return { kind: "failed", outcome: "NotFound", detail, misconfigured: true };
}
