import { describe, expect, it } from "vitest";
import { IngressLimit } from "./ingress-limit.ts";
import { LIMITS } from "./limits.ts";

const { eventsPerSecond, bytesPerSecond } = LIMITS;

describe("[EG-LIMIT-RATE] the limit of a topic in each second", () => {
  it("is 5,000 events, in any number of requests", () => {
    const limit = new IngressLimit();
    limit.take("a", eventsPerSecond - 1, 1, 999);
    expect(() => limit.take("a", 2, 1, 999)).toThrow("The limit of 5000 events per second has been exceeded.");
    limit.take("a", 1, 1, 999);
    expect(() => limit.take("a", 1, 1, 500)).toThrow(expect.objectContaining({ code: "too_many_requests" }));
  });

  it("is 5 MB", () => {
    const limit = new IngressLimit();
    limit.take("a", 1, bytesPerSecond, 0);
    expect(() => limit.take("a", 1, 1, 0)).toThrow("The limit of 5242880 bytes per second has been exceeded.");
  });

  it("applies to each topic separately, and starts anew in the next second, even if the clock was set back", () => {
    const limit = new IngressLimit();
    for (const [topic, now] of [
      ["a", 5_999],
      ["b", 5_999],
      ["a", 6_000],
      ["a", 2_000],
    ] as const) {
      limit.take(topic, eventsPerSecond, 1, now);
    }
    expect(() => limit.take("a", 1, 1, 2_999)).toThrow("5000 events");
  });
});
