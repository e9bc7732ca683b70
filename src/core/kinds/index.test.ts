import { describe, expect, it } from "vitest";
import { ALL_KINDS, dependencyRank, kindNamed, PUBLISH_TYPES, RESOURCE_KINDS } from "./index.ts";

describe("the table of kinds", () => {
  it("has each kind under its own type", () => {
    for (const [type, kind] of Object.entries(RESOURCE_KINDS)) expect(kind.type).toBe(type);
  });

  it("has parents before their children", () => {
    for (const { type, placement } of ALL_KINDS) {
      if (placement.kind !== "parent") continue;
      expect(kindNamed(placement.parent), type).toBeDefined();
      expect(type.startsWith(`${placement.parent}/`), type).toBe(true);
      expect(dependencyRank({ type: placement.parent })).toBeLessThan(dependencyRank({ type }));
    }
  });

  it("has sources before event subscriptions, and registrations before the namespaces that name them", () => {
    const subscriptions = dependencyRank(RESOURCE_KINDS["Microsoft.EventGrid/eventSubscriptions"]);
    for (const kind of ALL_KINDS.filter(({ subscribable }) => subscribable)) {
      expect(dependencyRank(kind), kind.type).toBeLessThan(subscriptions);
    }
    expect(dependencyRank(RESOURCE_KINDS["Microsoft.EventGrid/partnerRegistrations"])).toBeLessThan(
      dependencyRank(RESOURCE_KINDS["Microsoft.EventGrid/partnerNamespaces"]),
    );
  });

  it("has a different segment for each kind with an endpoint", () => {
    const segments = PUBLISH_TYPES.map((type) => RESOURCE_KINDS[type].endpoint.segment);
    expect(segments).toEqual(["topics", "domains", "partnerNamespaces"]);
  });

  it("has no kind under the names of inherited properties", () => {
    expect(kindNamed("Microsoft.EventGrid/topics")).toBe(RESOURCE_KINDS["Microsoft.EventGrid/topics"]);
    for (const text of ["toString", "__proto__", "", "microsoft.eventgrid/topics"]) {
      expect(kindNamed(text)).toBeUndefined();
    }
  });
});
