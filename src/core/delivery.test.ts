import { describe, expect, it } from "vitest";
import { deadLetterQueueName, deliveryQueueName, ownerOf } from "./delivery.ts";

describe("ownerOf", () => {
  it("returns the subscription and which of its queues it is", () => {
    expect(ownerOf(deliveryQueueName("7f3a"))).toEqual({ uid: "7f3a", holds: "deliveries" });
    expect(ownerOf(deadLetterQueueName("7f3a"))).toEqual({ uid: "7f3a", holds: "dead_letters" });
  });
});
