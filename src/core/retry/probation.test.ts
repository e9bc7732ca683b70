import { describe, expect, it } from "vitest";
import type { DeliveryOutcome, DeliveryOutcomeName } from "../delivery.ts";
import { expiryReason, HEALTHY, healthAfter, type Health } from "./probation.ts";

const failed = (outcome: DeliveryOutcomeName): DeliveryOutcome => ({ kind: "failed", outcome, detail: "made up" });
const accepted: DeliveryOutcome = { kind: "accepted" };
const HOUR = 3_600_000;

function after(outcomes: readonly DeliveryOutcome[], maxMs = HOUR): Health {
  return outcomes.reduce((health, outcome) => healthAfter(health, outcome, 0, maxMs), HEALTHY);
}
const times = (count: number, outcome: DeliveryOutcome): DeliveryOutcome[] =>
  Array.from({ length: count }, () => outcome);

describe("healthAfter", () => {
  it("[EG-PROBATION] begins with the tenth failure in a row", () => {
    expect(after(times(9, failed("TimedOut"))).probationUntil).toBeUndefined();
    expect(after(times(10, failed("TimedOut"))).probationUntil).toBe(10_000);
    expect(after([...times(9, failed("TimedOut")), accepted, failed("TimedOut")]).probationUntil).toBeUndefined();
  });

  it.each([
    ["Busy", 10],
    ["TimedOut", 10],
    ["GenericError", 10],
    ["SocketError", 30],
    ["NotFound", 300],
    ["ResolutionError", 300],
    ["Unauthorized", 300],
    ["Forbidden", 300],
    ["InvalidAzureFunctionDestination", 600],
  ] as const)("[EG-PROBATION] has a duration that depends on the failure: %s %i s", (outcome, seconds) => {
    expect(after(times(10, failed(outcome))).probationUntil).toBe(seconds * 1_000);
  });

  it("[EG-PROBATION] ends with a success, and begins anew with a failed trial", () => {
    const unhealthy = after(times(10, failed("SocketError")));
    expect(healthAfter(unhealthy, accepted, 99, HOUR)).toEqual(HEALTHY);
    expect(healthAfter(unhealthy, failed("SocketError"), 40_000, HOUR).probationUntil).toBe(70_000);
  });

  it("[EG-PROBATION] does not begin because single events are refused", () => {
    expect(after(times(20, failed("BadRequest")))).toEqual(HEALTHY);
    expect(after(times(20, failed("PayloadTooLarge")))).toEqual(HEALTHY);
  });

  it("is capped, and off where the cap is 0", () => {
    expect(after(times(10, failed("NotFound")), 10_000).probationUntil).toBe(10_000);
    expect(after(times(20, failed("NotFound")), 0).probationUntil).toBeUndefined();
  });

  it.each<[DeliveryOutcomeName, number, string]>([
    ["Forbidden", 0, "UndeliverableDueToProbationCausedByClientError"],
    ["Forbidden", 1, "TimeToLiveExceeded"],
    ["Busy", 0, "TimeToLiveExceeded"],
  ])("[EG-PROBATION-EXPIRED] after %s ends a delivery with %i attempts as %s", (outcome, deliveryCount, reason) => {
    expect(expiryReason(deliveryCount, after(times(10, failed(outcome))))).toBe(reason);
    expect(expiryReason(deliveryCount, after(times(9, failed(outcome))))).toBe("TimeToLiveExceeded");
  });
});
