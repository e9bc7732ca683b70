import { describe, expect, it } from "vitest";
import { desiredSubscription } from "../../../test/support/servers/engine-harness.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { EventSubscriptionProperties, EventSubscriptionResource } from "../../core/resources/resources.ts";
import { hasConsent } from "../../core/subscriber.ts";
import { DAY_MS, MINUTE_MS } from "../../core/time.ts";
import { subscriberOf } from "./subscriber-of.ts";

function resource(properties: Partial<EventSubscriptionProperties> = {}): EventSubscriptionResource {
  const desired = desiredSubscription("billing");
  return {
    ...desired,
    uid: "uid-1",
    properties: { ...desired.properties, provisioningState: "Succeeded", ...properties },
  };
}

const handshake = { endpoint: "http://here", validationCode: "secret", expiresAt: "", detail: "" };

describe("subscriberOf", () => {
  it("returns the subscriber for an event subscription", () => {
    const { id, properties } = resource();
    expect(subscriberOf(resource())).toEqual({
      id,
      uid: "uid-1",
      name: "billing",
      source: topicId("orders"),
      filter: {},
      expiresAt: Number.POSITIVE_INFINITY,
      mode: "push",
      destination: properties.destination,
      eventDeliverySchema: "EventGridSchema",
      retry: { maxDeliveryAttempts: 30, timeToLiveMs: DAY_MS },
    });
  });

  it("converts durations and times to milliseconds", () => {
    const retryPolicy = { maxDeliveryAttempts: 3, eventTimeToLiveInMinutes: 5 };
    const { retry, expiresAt } = subscriberOf(resource({ retryPolicy, expirationTimeUtc: "2026-01-01T00:00:00Z" }));
    expect(retry).toEqual({ maxDeliveryAttempts: 3, timeToLiveMs: 5 * MINUTE_MS });
    expect(expiresAt).toBe(Date.UTC(2026, 0, 1));
  });

  it.each([
    ["pending", false],
    ["validated", true],
    ["awaiting-manual-action", false],
    ["failed", false],
  ] as const)("has the status of the handshake, and none of its secrets: %s", (status, consents) => {
    const subscriber = subscriberOf(resource({ handshake: { ...handshake, status } }));
    expect(subscriber.consent).toBe(status);
    expect(hasConsent(subscriber.consent)).toBe(consents);
    expect(JSON.stringify(subscriber)).not.toContain(handshake.validationCode);
  });

  it("needs no consent if the destination has no handshake", () => {
    expect(hasConsent(subscriberOf(resource()).consent)).toBe(true);
  });

  it("keeps the identity for deliveries and the dead-letter destination", () => {
    const deliveryIdentity = { type: "SystemAssigned" } as const;
    const deadLetterDestination = { endpointType: "Folder", properties: { path: "dead" } } as const;
    expect(subscriberOf(resource({ deliveryIdentity, deadLetterDestination }))).toMatchObject({
      deliveryIdentity,
      deadLetterDestination,
    });
  });
});
