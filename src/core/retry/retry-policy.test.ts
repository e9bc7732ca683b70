import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../delivery.ts";
import { decideNextStep, isExpired, retryGapMs, type RetryRules } from "./retry-policy.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../time.ts";

const webhook: RetryRules = {
  profile: { maxDeliveryAttempts: 30, timeToLiveMs: 24 * HOUR_MS },
  azureResource: false,
  retryForbidden: true,
  maxGapMs: Number.POSITIVE_INFINITY,
};
const azureResource: RetryRules = { ...webhook, azureResource: true };

function failure(httpStatus?: number): DeliveryOutcome {
  const status = httpStatus === undefined ? {} : { httpStatus };
  return { kind: "failed", outcome: "GenericError", detail: "made up", ...status };
}

describe("decideNextStep", () => {
  it("acknowledges what was accepted", () => {
    expect(decideNextStep({ kind: "accepted" }, webhook, { deliveryCount: 3, now: 0, random: 0 })).toEqual({
      kind: "acknowledge",
    });
  });

  it("[EG-RETRY-SCHEDULE] waits 10 s, 30 s, 1 min, 5 min, 10 min, 30 min, 1 h, 3 h, 6 h, then 12 h each", () => {
    const gaps = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 43_200, 43_200];
    const waited = gaps.map((_gap, count) =>
      decideNextStep(failure(500), webhook, { deliveryCount: count, now: 1_000, random: 0 }),
    );
    expect(waited).toEqual(gaps.map((gap) => ({ kind: "release", dueAt: 1_000 + gap * SECOND_MS })));
  });

  it.each([webhook, azureResource])("[EG-RETRY-FORBIDDEN] retries after 403 by default", (rules) => {
    expect(decideNextStep(failure(403), rules, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "release",
      dueAt: 5 * MINUTE_MS,
    });
    expect(
      decideNextStep(failure(403), { ...rules, retryForbidden: false }, { deliveryCount: 0, now: 0, random: 0 }),
    ).toEqual({
      kind: "reject",
      reason: "UndeliverableDueToHttpForbidden",
    });
    const other = decideNextStep(
      failure(404),
      { ...rules, retryForbidden: false },
      { deliveryCount: 0, now: 0, random: 0 },
    );
    expect(other).toEqual({ kind: "release", dueAt: 5 * MINUTE_MS });
  });

  it("[EG-RETRY-SHORT] waits no longer than allowed, even if the minimum of the status is longer", () => {
    const rules = { ...webhook, maxGapMs: 10_000 };
    for (const status of [404, 408, 503, 500]) {
      for (const count of [0, 5, 20]) {
        const outcome = { kind: "failed", outcome: "GenericError", httpStatus: status, detail: "" } as const;
        expect(decideNextStep(outcome, rules, { deliveryCount: count, now: 0, random: 0 })).toEqual({
          kind: "release",
          dueAt: 10_000,
        });
      }
    }
  });

  it("[EG-RETRY-SCHEDULE] makes eleven attempts within 24 hours", () => {
    let at = 0;
    let attempts = 0;
    while (at < 24 * HOUR_MS) {
      at += retryGapMs(attempts);
      attempts += 1;
    }
    expect(attempts).toBe(11);
  });

  it("[EG-RETRY-JITTER] adds at most a tenth and subtracts nothing", () => {
    fc.assert(
      fc.property(fc.nat(29), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (count, random) => {
        const step = decideNextStep(failure(500), webhook, { deliveryCount: Math.min(count, 28), now: 0, random });
        const gap = retryGapMs(Math.min(count, 28));
        expect(step.kind).toBe("release");
        if (step.kind !== "release") return;
        expect(step.dueAt).toBeGreaterThanOrEqual(gap);
        expect(step.dueAt).toBeLessThanOrEqual(gap * 1.1);
      }),
    );
  });

  it.each([
    [400, webhook, "UndeliverableDueToHttpBadRequest"],
    [400, azureResource, "UndeliverableDueToHttpBadRequest"],
    [413, webhook, "UndeliverableDueToHttpPayloadTooLarge"],
    [401, webhook, "UndeliverableDueToHttpUnauthorized"],
  ] as const)("[EG-RETRY-STATUS] [EG-DEADLETTER-REASON] never retries a %i (%#)", (status, rules, reason) => {
    expect(decideNextStep(failure(status), rules, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "reject",
      reason,
    });
  });

  it.each([
    [401, azureResource, 5 * MINUTE_MS],
    [403, webhook, 5 * MINUTE_MS],
    [404, webhook, 5 * MINUTE_MS],
    [408, webhook, 2 * MINUTE_MS],
    [429, webhook, 10 * SECOND_MS],
    [503, webhook, 30 * SECOND_MS],
    [500, webhook, 10 * SECOND_MS],
    [302, webhook, 10 * SECOND_MS],
    [undefined, webhook, 10 * SECOND_MS],
  ] as const)("[EG-RETRY-STATUS] waits out the minimum after a first %s", (status, rules, dueAt) => {
    expect(decideNextStep(failure(status), rules, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "release",
      dueAt,
    });
  });

  it("[EG-RETRY-STATUS] waits for the schedule's step if that is longer than the status's minimum", () => {
    expect(decideNextStep(failure(503), webhook, { deliveryCount: 6, now: 0, random: 0 })).toEqual({
      kind: "release",
      dueAt: HOUR_MS,
    });
  });

  it("[EG-RETRY-STATUS] skips retries for a function that does not exist", () => {
    const outcome: DeliveryOutcome = { kind: "failed", outcome: "InvalidAzureFunctionDestination", detail: "gone" };
    expect(decideNextStep(outcome, azureResource, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "reject",
      reason: "UndeliverableDueToInvalidConfiguration",
    });
  });

  it("[EG-DESTINATION-UNKNOWN] skips retries if the configuration has no such destination", () => {
    const outcome: DeliveryOutcome = { kind: "failed", outcome: "NotFound", detail: "none", misconfigured: true };
    expect(decideNextStep(outcome, azureResource, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "reject",
      reason: "UndeliverableDueToInvalidConfiguration",
    });
  });

  it.each([
    ["NotFound", 5 * MINUTE_MS],
    ["Unauthorized", 5 * MINUTE_MS],
    ["Disabled", 5 * MINUTE_MS],
    ["SessionQueueNotSupported", 5 * MINUTE_MS],
    ["Full", 30 * SECOND_MS],
    ["Busy", 30 * SECOND_MS],
    ["SocketError", 10 * SECOND_MS],
  ] as const)("[EG-RETRY-EQUIVALENT] waits as for the equivalent status of %s", (outcome, dueAt) => {
    const failed: DeliveryOutcome = { kind: "failed", outcome, detail: "made up" };
    expect(decideNextStep(failed, azureResource, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "release",
      dueAt,
    });
    expect(decideNextStep(failed, webhook, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "release",
      dueAt: 10 * SECOND_MS,
    });
  });

  it("[EG-RETRY-EQUIVALENT] never retries an event that is too large", () => {
    const failed: DeliveryOutcome = { kind: "failed", outcome: "PayloadTooLarge", detail: "made up" };
    expect(decideNextStep(failed, azureResource, { deliveryCount: 0, now: 0, random: 0 })).toEqual({
      kind: "reject",
      reason: "UndeliverableDueToHttpPayloadTooLarge",
    });
  });

  it("[EG-RETRY-POLICY] ends with the last attempt that the policy allows", () => {
    const rules = { ...webhook, profile: { maxDeliveryAttempts: 3, timeToLiveMs: 24 * HOUR_MS } };
    expect(decideNextStep(failure(500), rules, { deliveryCount: 1, now: 0, random: 0 }).kind).toBe("release");
    expect(decideNextStep(failure(500), rules, { deliveryCount: 2, now: 0, random: 0 })).toEqual({
      kind: "reject",
      reason: "MaxDeliveryAttemptsExceeded",
    });
  });
});

describe("isExpired", () => {
  it("[EG-RETRY-TTL] counts from publishing, to the millisecond", () => {
    const profile = { maxDeliveryAttempts: 30, timeToLiveMs: 2 * MINUTE_MS };
    expect(isExpired(1_000, profile, 1_000 + 2 * MINUTE_MS - 1)).toBe(false);
    expect(isExpired(1_000, profile, 1_000 + 2 * MINUTE_MS)).toBe(true);
  });
});
