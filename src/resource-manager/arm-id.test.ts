import { describe, expect, it } from "vitest";
import { storageAccountId, topicId } from "../core/resources/resource-id.ts";
import { armId, parseArmPath, shownSource, sourceOfSubscription, topicTypeOfSource } from "./arm-id.ts";

const S = "/subscriptions/00000000-0000-0000-0000-000000000000";

describe("parseArmPath", () => {
  it("[ARM-CASE] parses nested and extension resources", () => {
    const nested = parseArmPath(`/${S}/resourcegroups/G/providers/microsoft.eventgrid//DOMAINS/d/topics/T/`);
    expect(nested).toMatchObject({
      resourceGroup: "G",
      scope: `${S}/resourceGroups/G`,
      namespace: "Microsoft.EventGrid",
      types: ["domains", "topics"],
      names: ["d", "T"],
    });
    expect(armId(nested)).toBe(`${S}/resourceGroups/G/providers/Microsoft.EventGrid/domains/d/topics/T`);
    expect(armId(nested, 1)).toBe(`${S}/resourceGroups/G/providers/Microsoft.EventGrid/domains/d`);
    const source = storageAccountId("a");
    expect(parseArmPath(`${source}/PROVIDERS/microsoft.eventgrid/eventsubscriptions/e/getFullUrl`)).toMatchObject({
      scope: source,
      types: ["eventSubscriptions", "getFullUrl"],
      names: ["e"],
    });
  });

  it("[ARM-CASE] parses a scope with escaped slashes", () => {
    const source = storageAccountId("a");
    const path = `/${encodeURIComponent(source)}/providers/Microsoft.EventGrid/extensionTopics/default`;
    expect(parseArmPath(path)).toMatchObject({ scope: source, types: ["extensionTopics"], names: ["default"] });
  });

  it("parses paths without a provider", () => {
    expect(parseArmPath(`${S}/resourceGroups`)).toMatchObject({
      scope: S,
      namespace: undefined,
      rest: ["resourceGroups"],
    });
    expect(parseArmPath(`${S}/providers`)).toMatchObject({ namespace: undefined, rest: ["providers"] });
    expect(parseArmPath("/tenants")).toMatchObject({ subscriptionId: undefined, rest: ["tenants"] });
  });

  it.each(["%2e%2e%2f", "a%00b", "%zz", "a<b", "x".repeat(300), "a%20", "end."])("refuses the name %.12s", (name) => {
    expect(() => parseArmPath(`${S}/resourceGroups/${name}`)).toThrow(
      expect.objectContaining({ code: "invalid_resource_name" }),
    );
  });
});

describe("ids of sources", () => {
  it("[ARM-DEFAULTS] are shown with provider and type in lower case", () => {
    expect(shownSource(storageAccountId("Mine"))).toBe(
      storageAccountId("Mine").replace("Microsoft.Storage/storageAccounts", "microsoft.storage/storageaccounts"),
    );
    expect(shownSource(S)).toBe(S);
  });

  it("determine the topic type, and are part of a subscription's id", () => {
    expect(topicTypeOfSource(topicId("t"))).toBe("Microsoft.EventGrid.topics");
    expect(topicTypeOfSource(S)).toBe("Microsoft.Resources.Subscriptions");
    expect(topicTypeOfSource(`${S}/resourceGroups/g`)).toBe("Microsoft.Resources.ResourceGroups");
    const id = `${topicId("t")}/providers/microsoft.eventgrid/eventSubscriptions/e`;
    expect(sourceOfSubscription(id)).toBe(topicId("t"));
  });
});
