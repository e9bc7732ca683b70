import { describe, expect, it } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { followConsent, isComplete, missingConsent, type ConsentGoal, type ConsentReader } from "./consent.ts";
import { createOutput } from "./output.ts";

const ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/t/eventSubscriptions/hook";
const URL = "http://ringmain/eventsubscriptions/hook/validate?id=1";
const WRITTEN = { id: ID, operation: "http://ringmain/operation" };

/** A server that says one thing after the other, and goes on saying the last. */
function server(handshakes: readonly (JsonObject | "refused")[], statuses: readonly JsonObject[] = []): ConsentReader {
  const [told, asked] = [[...handshakes], [...statuses]];
  const next = <Said>(left: Said[]): Said | undefined => (left.length > 1 ? left.shift() : left[0]);
  return {
    subscriptionDetails: async () => {
      const handshake = next(told);
      return handshake === "refused" ? undefined : handshake === undefined ? [{}] : [{ handshake }];
    },
    operationStatus: async () => next(asked) ?? { status: "Succeeded" },
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
/** Every wait has begun so long ago that what is waited for is announced at once. */
const LONG_AGO = (): number => Date.now() - 60_000;

describe("following a handshake", () => {
  it.each([
    ["answer", [pending, byHand], "awaiting-manual-action"],
    ["answer", [pending, failing], "failed"],
    ["conclusion", [pending, byHand], "awaiting-manual-action"],
    ["conclusion", [pending, failing, failed], "failed"],
    ["consent", [pending, failing, byHand, validated], "validated"],
    ["consent", [failing, failed], "failed"],
  ] as const)("ends, for its %s, with the state that it waits for", async (goal, handshakes, status) => {
    expect(await follow(server(handshakes), goal)).toMatchObject({ status });
  });

  it("ends when its time is over, with the state of that moment", async () => {
    expect(await follow(server([pending]), "answer", LONG_AGO())).toEqual({ status: "pending", notices: [] });
  });

  it("says each thing that it waits for once, with the URL that consents by hand", async () => {
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

  it("goes by the operation where the handshake may not be read", async () => {
    const refusal = { status: "Failed", error: { code: "Url validation", message: "It answered 404." } };
    const reader = server(["refused"], [{ status: "InProgress" }, refusal]);
    const { status, notices } = await follow(reader, "consent", LONG_AGO());
    expect(status).toBe("failed");
    expect(notices).toEqual([expect.stringContaining("the validation URL that the endpoint received")]);
  });

  it("has nothing to follow where the destination is not asked", async () => {
    expect(await follow(server([]), "consent")).toEqual({ status: undefined, notices: [] });
  });

  it("tells from the operation whether the server does without consent", async () => {
    expect(await isComplete(server([], [{ status: "Succeeded" }]), WRITTEN)).toBe(true);
    expect(await isComplete(server([], [{ status: "InProgress" }]), WRITTEN)).toBe(false);
    expect(await isComplete(server([]), { id: ID, operation: undefined })).toBe(true);
  });
});

describe("an endpoint that has not consented", () => {
  const consent = { status: "failed", detail: "POST answered 404.", inProgress: false };

  it("is told in sentences: what it said, what follows, how to consent later", () => {
    expect(missingConsent(WRITTEN, { ...consent, validationUrl: URL }, true)).toEqual([
      "The endpoint of 'hook' has not consented to events: POST answered 404.",
      "In development, it receives events anyway. In production, and from Azure, it would receive none.",
      "To ask the endpoint again, run the command again.",
      `To consent by hand within ten minutes, open ${URL}`,
    ]);
    expect(missingConsent(WRITTEN, consent, false)).toContain("It receives no events until it consents.");
  });

  it("is not spoken of when it has, or need not", () => {
    expect(missingConsent(WRITTEN, { ...consent, status: "validated" }, true)).toEqual([]);
    expect(missingConsent(WRITTEN, undefined, true)).toEqual([]);
  });
});
