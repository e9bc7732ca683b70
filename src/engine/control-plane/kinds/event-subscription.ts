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

/** Behaviour of event subscriptions. Each one has queues, and creates the topic of its source if needed. */
export const managedEventSubscription: BehaviourOf<"Microsoft.EventGrid/eventSubscriptions"> = {
  ...UNRELATED,
  complete: (requested, before, { dependencies, uid }) => {
    const desired = withDefaultEventTypes(dependencies.directory, requested);
    const old = before?.properties;
    const { destination, eventDeliverySchema: schema } = desired.properties;
    // [EG-SCHEMA-FIXED]
    if (old !== undefined && old.eventDeliverySchema !== schema) {
      throw new RingmainError(
        "invalid_request",
        `The new event delivery schema value ${schema} cannot be different from the already existing event delivery schema value ${old.eventDeliverySchema}.`,
      );
    }
    const withState = (
      provisioningState: ProvisioningState,
      handshake?: HandshakeState,
    ): EventSubscriptionResource => ({
      ...desired,
      uid,
      properties: { ...desired.properties, provisioningState, ...(handshake === undefined ? {} : { handshake }) },
    });
    // [EG-HANDSHAKE-SKIP] Only webhooks need consent. A function's trigger consents for itself.
    const endpoint = consentEndpointOf(destination);
    if (endpoint === undefined) return withState("Succeeded");
    if (old !== undefined) {
      const unchanged = withState(old.provisioningState, old.handshake);
      if (isSameJson(unchanged, before)) return unchanged;
    }
    // [EG-HANDSHAKE-UPDATE]
    const { clock, handshakes, random } = dependencies;
    const pending = pendingHandshake(endpoint, random, clock.now());
    return withState(handshakes.provisioningState("pending", old === undefined), pending);
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
