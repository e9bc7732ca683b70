import { describe, expect, it } from "vitest";
import { isSuccess, refusal, statusOutcome } from "./status-outcome.ts";

describe("statusOutcome", () => {
  it.each([
    [400, "BadRequest"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [408, "TimedOut"],
    [413, "PayloadTooLarge"],
    [429, "Busy"],
    [503, "Busy"],
    [504, "TimedOut"],
    [205, "GenericError"],
    [302, "GenericError"],
    [410, "GenericError"],
    [500, "GenericError"],
    [502, "GenericError"],
  ])("maps %i to %s [EG-OUTCOME-NAMES]", (status, name) => {
    expect(statusOutcome(status)).toBe(name);
  });
});

describe("isSuccess", () => {
  it("returns true for five statuses [EG-DELIVERY-SUCCESS]", () => {
    const all = Array.from({ length: 500 }, (_, at) => 100 + at);
    expect(all.filter(isSuccess)).toEqual([200, 201, 202, 203, 204]);
  });
});

describe("refusal", () => {
  it("describes the request, the response and further facts", () => {
    expect(refusal("POST http://h/", 302, "More.").detail).toBe(
      "POST http://h/ answered 302. Redirects are not followed. More.",
    );
    expect(refusal("POST http://h/", 500)).toEqual({
      kind: "failed",
      outcome: "GenericError",
      httpStatus: 500,
      detail: "POST http://h/ answered 500.",
    });
  });
});
