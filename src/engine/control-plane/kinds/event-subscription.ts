import { consentEndpointOf } from "../../../core/destinations/destination-facts.ts";
import { deadLetterQueueName, deliveryQueueName } from "../../../core/delivery.ts";
import { RingmainError } from "../../../core/errors.ts";
import { isSameJson } from "../../../core/json.ts";
import type {
  EventSubscriptionResource,
  HandshakeState,
  ProvisioningState,
} from "../../../core/resources/resources.ts";
import { subscriberOf } from "../../directory/subscriber-of.ts";
import { pendingHandshake } from "../../lifecycle/handshakes.ts";
import { withDefaultEventTypes } from "../default-event-types.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Event subscriptions: each comes with the topic of its source, and with its queues. */
export const managedEventSubscription: BehaviourOf<"Microsoft.EventGrid/eventSubscriptions"> = {
  ...UNRELATED,
  complete: (asked, before, { dependencies, uid }) => {
    const desired = withDefaultEventTypes(dependencies.directory, asked);
    const old = before?.properties;
    const { destination, eventDeliverySchema: schema } = desired.properties;
    // [EG-SCHEMA-FIXED]
    if (old !== undefined && old.eventDeliverySchema !== schema) {
      throw new RingmainError(
        "invalid_request",
        `The new event delivery schema value ${schema} cannot be different from the already existing event delivery schema value ${old.eventDeliverySchema}.`,
      );
    }
    const settled = (provisioningState: ProvisioningState, handshake?: HandshakeState): EventSubscriptionResource => ({
      ...desired,
      uid,
      properties: { ...desired.properties, provisioningState, ...(handshake === undefined ? {} : { handshake }) },
    });
    // [EG-HANDSHAKE-SKIP] Only webhooks are asked; a function's trigger answers for itself.
    const endpoint = consentEndpointOf(destination);
    if (endpoint === undefined) return settled("Succeeded");
    if (old !== undefined) {
      const unchanged = settled(old.provisioningState, old.handshake);
      if (isSameJson(unchanged, before)) return unchanged;
    }
    // [EG-HANDSHAKE-UPDATE]
    const { clock, handshakes, random } = dependencies;
    const pending = pendingHandshake(endpoint, random, clock.now());
    return settled(handshakes.provisioningState("pending", old === undefined), pending);
  },
  written: (subscription, { handshakes }) => handshakes.begin(subscription),
  attach: (subscription, { topics }) => topics.ensureTopicOf(subscription),
  removed: async (subscription, { dependencies: { queue, onSubscriberRemoved }, topics }) => {
    await queue.removeQueue(deliveryQueueName(subscription.uid));
    await queue.removeQueue(deadLetterQueueName(subscription.uid));
    onSubscriberRemoved?.(subscriberOf(subscription));
    await topics.releaseTopicOf(subscription);
  },
};
