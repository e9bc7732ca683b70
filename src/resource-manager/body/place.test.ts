import { describe, expect, it } from "vitest";
import type { SourceIdentity } from "../../core/subscriber.ts";
import { destinationPlace } from "./place.ts";

const own: SourceIdentity = { type: "SystemAssigned" };
const names = ["destination", "deliveryWithResourceIdentity"] as const;
type Sent = Parameters<typeof destinationPlace<string, string>>[1];

function place(sent: Partial<Sent>, where?: string, identity?: SourceIdentity) {
  const whole: Sent = { plain: undefined, withIdentity: undefined, ...sent };
  return destinationPlace<string, string>(names, whole, { where, identity }, (text) => text);
}

describe("destinationPlace", () => {
  it("takes the destination from one of two members, never from both", () => {
    expect(place({ plain: "a" }, "old", own)).toEqual({ where: "a", identity: undefined });
    expect(place({ withIdentity: { destination: "a" } }, "old")).toEqual({ where: "a", identity: own });
    expect(() => place({ plain: "a", withIdentity: { destination: "b" } })).toThrow(/Only one of/);
  });

  it("keeps the destination if neither member is set, or only an identity", () => {
    expect(place({}, "old", own)).toEqual({ where: "old", identity: own });
    expect(place({ withIdentity: { identity: { type: "UserAssigned", userAssignedIdentity: "/me" } } }, "old")).toEqual(
      {
        where: "old",
        identity: { type: "UserAssigned", userAssignedIdentity: "/me" },
      },
    );
    expect(() => place({ withIdentity: {} })).toThrow("'deliveryWithResourceIdentity' needs a 'destination'.");
  });

  it("[ARM-PATCH-NULL] clears the destination if the member in use is null, and not if the other one is", () => {
    const nothing = { where: undefined, identity: undefined };
    expect(place({ plain: null }, "old")).toEqual(nothing);
    expect(place({ withIdentity: null }, "old")).toEqual({ where: "old", identity: undefined });
    expect(place({ withIdentity: null }, "old", own)).toEqual(nothing);
    expect(place({ plain: null }, "old", own)).toEqual({ where: "old", identity: own });
    expect(place({ plain: null, withIdentity: { destination: "b" } }, "old")).toEqual({ where: "b", identity: own });
  });
});
