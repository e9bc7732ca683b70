import { describe, expect, it } from "vitest";
import { requestBodies, SENT_AT_PLACEHOLDER } from "./request-bodies.ts";

interface BenchEvent {
  readonly id: string;
  readonly eventType: string;
  readonly subject: string;
  readonly data: { readonly sentAt?: string };
}

const parse = (bodies: readonly string[]): BenchEvent[] =>
  bodies.flatMap((body) => JSON.parse(body) as readonly BenchEvent[]);

describe("requestBodies", () => {
  it("returns arrays of the given number of events, each of the given size", () => {
    for (const body of requestBodies({ events: 100, eventBytes: 700 })) {
      expect(JSON.parse(body)).toHaveLength(100);
      expect(body).toHaveLength(100 * 700 + 101);
    }
  });

  it("creates events with unique ids", () => {
    const bodies = requestBodies({ events: 2, eventBytes: 700 });
    expect(new Set(parse(bodies).map(({ id }) => id)).size).toBe(bodies.length * 2);
  });

  it("returns at least 16 bodies, and at most 1,024", () => {
    expect(requestBodies({ events: 1_000, eventBytes: 1_000 })).toHaveLength(16);
    expect(requestBodies({ events: 1, eventBytes: 10 })).toHaveLength(1_024);
  });

  it("has a placeholder for the sending time only if the load has a rate", () => {
    const [withRate] = parse(requestBodies({ events: 1, eventBytes: 700, rate: 1_000 }));
    const [without] = parse(requestBodies({ events: 1, eventBytes: 700 }));
    expect(withRate?.data.sentAt).toBe(SENT_AT_PLACEHOLDER);
    expect(without?.data).not.toHaveProperty("sentAt");
  });

  it("uses the event type and subject of the load", () => {
    const [event] = parse(requestBodies({ events: 1, eventBytes: 700, eventType: "T", subject: "/s" }));
    expect(event).toMatchObject({ eventType: "T", subject: "/s" });
  });
});
