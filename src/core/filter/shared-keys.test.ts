import { describe, expect, it } from "vitest";
import type { PublishedEvent } from "../event.ts";
import type { JsonObject } from "../json.ts";
import { SharedKeys } from "./shared-keys.ts";

/** Returns an event that counts the reads of its data. */
function counted(order: string): { readonly event: PublishedEvent; readonly reads: () => number } {
  let reads = 0;
  const body = {
    get data(): JsonObject {
      reads += 1;
      return { order };
    },
  };
  const envelope = {
    systemId: "s",
    schema: "EventGridSchema",
    topic: "/topics/t",
    id: "1",
    type: "t",
    subject: "s",
    time: undefined,
    dataVersion: "",
    publishedAt: 0,
    json: new Uint8Array(),
  } as const;
  return { event: { body, envelope }, reads: () => reads };
}

describe("keys that filters share", () => {
  it("read the value of an event once, until it is forgotten", () => {
    const keys = new SharedKeys({ schema: "EventGridSchema", tier: "basic" });
    const { event, reads } = counted("one");
    expect(keys.get("data.order")).toBe(keys.get("data.order"));
    expect([keys.get("data.order").valueIn(event), keys.get("data.order").valueIn(event)]).toEqual(["one", "one"]);
    expect(reads()).toBe(1);
    keys.forget();
    expect(keys.get("data.order").valueIn(event)).toBe("one");
    expect(reads()).toBe(2);
  });

  it("never return the value of another event", () => {
    const keys = new SharedKeys({ schema: "EventGridSchema", tier: "basic" });
    const key = keys.get("data.order");
    expect(key.valueIn(counted("one").event)).toBe("one");
    expect(key.valueIn(counted("two").event)).toBe("two");
    keys.forget();
    expect(key.valueIn(counted("three").event)).toBe("three");
  });
});
