import { describe, expect, it } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { followConsent, isComplete, missingConsent, type ConsentGoal, type ConsentReader } from "./consent.ts";
import { createOutput } from "./output.ts";

const ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/t/eventSubscriptions/hook";
const URL = "http://ringmain/eventsubscriptions/hook/validate?id=1";
const WRITTEN = { id: ID, operation: "http://ringmain/operation" };

/** Creates a server that reports the states in turn, and repeats the last one. */
function server(handshakes: readonly (JsonObject | "refused")[], statuses: readonly JsonObject[] = []): ConsentReader {
  const [leftHandshakes, leftStatuses] = [[...handshakes], [...statuses]];
  const next = <State>(left: State[]): State | undefined => (left.length > 1 ? left.shift() : left[0]);
  return {
    subscriptionDetails: async () => {
      const handshake = next(leftHandshakes);
      return handshake === "refused" ? undefined : handshake === undefined ? [{}] : [{ handshake }];
    },
    operationStatus: async () => next(leftStatuses) ?? { status: "Succeeded" },
  };
}

async function follow(
  reader: ConsentReader,
  goal: ConsentGoal,
  since?: number,
): Promise<{ readonly status: string | undefined; readonly notices: readonly string[] }> {
  const notices: string[] = [];
  const output = { ...createOutput(true), notice: (text: string): void => void notices.push(text) };
  const consent = await followConsent(reader, WRITTEN, { output, goal, since });
  return { status: consent?.status, notices };
}

const pending = { status: "pending", detail: "It has not been asked yet.", inProgress: true, validationUrl: URL };
const byHand = { status: "awaiting-manual-action", detail: "POST answered 200.", validationUrl: URL };
const failing = { status: "failed", detail: "POST answered 404.", inProgress: true, validationUrl: URL };
const failed = { status: "failed", detail: "POST answered 404." };
const validated = { status: "validated", detail: "" };
/** Start of the wait, long enough ago that the wait is announced at once. */
const LONG_AGO = (): number => Date.now() - 60_000;

describe("followConsent", () => {
  it.each([
    ["answer", [pending, byHand], "awaiting-manual-action"],
    ["answer", [pending, failing], "failed"],
    ["conclusion", [pending, byHand], "awaiting-manual-action"],
    ["conclusion", [pending, failing, failed], "failed"],
    ["consent", [pending, failing, byHand, validated], "validated"],
    ["consent", [failing, failed], "failed"],
  ] as const)("returns the first state that reaches the goal %s", async (goal, handshakes, status) => {
    expect(await follow(server(handshakes), goal)).toMatchObject({ status });
  });

  it("returns the current state at the time limit", async () => {
    expect(await follow(server([pending]), "answer", LONG_AGO())).toEqual({ status: "pending", notices: [] });
  });

  it("announces each reason for waiting once, with the validation URL", async () => {
    const { notices } = await follow(
      server([pending, pending, byHand, byHand, failing, validated]),
      "consent",
      LONG_AGO(),
    );
    expect(notices).toEqual([
      `Waiting up to ten minutes for the endpoint of 'hook' to consent to events. A GET request to ${URL} consents too.`,
      `Waiting up to ten minutes for the endpoint of 'hook' to consent to events. POST answered 200. A GET request to ${URL} consents too.`,
      "Waiting until Ringmain asks the endpoint of 'hook' again: POST answered 404.",
    ]);
  });

  it("uses the operation's status if the caller may not read the handshake", async () => {
    const refusal = { status: "Failed", error: { code: "Url validation", message: "It answered 404." } };
    const reader = server(["refused"], [{ status: "InProgress" }, refusal]);
    const { status, notices } = await follow(reader, "consent", LONG_AGO());
    expect(status).toBe("failed");
    expect(notices).toEqual([expect.stringContaining("the validation URL that the endpoint received")]);
  });

  it("returns undefined for a destination that needs no consent", async () => {
    expect(await follow(server([]), "consent")).toEqual({ status: undefined, notices: [] });
  });

  it("reads from the operation's status whether the subscription is complete", async () => {
    expect(await isComplete(server([], [{ status: "Succeeded" }]), WRITTEN)).toBe(true);
    expect(await isComplete(server([], [{ status: "InProgress" }]), WRITTEN)).toBe(false);
    expect(await isComplete(server([]), { id: ID, operation: undefined })).toBe(true);
  });
});

describe("missingConsent", () => {
  const consent = { status: "failed", detail: "POST answered 404.", inProgress: false };

  it("returns the endpoint's response, the consequence, and how to consent later", () => {
    expect(missingConsent(WRITTEN, { ...consent, validationUrl: URL }, true)).toEqual([
      "The endpoint of 'hook' has not consented to events: POST answered 404.",
      "In development, it receives events anyway. In production, and from Azure, it would receive none.",
      "To ask the endpoint again, run the command again.",
      `To consent by hand within ten minutes, open ${URL}`,
    ]);
    expect(missingConsent(WRITTEN, consent, false)).toContain("It receives no events until it consents.");
  });

  it("returns nothing if the endpoint has consented or need not", () => {
    expect(missingConsent(WRITTEN, { ...consent, status: "validated" }, true)).toEqual([]);
    expect(missingConsent(WRITTEN, undefined, true)).toEqual([]);
  });
});
