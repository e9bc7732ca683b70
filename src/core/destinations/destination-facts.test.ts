import { describe, expect, it } from "vitest";
import {
  baseUrlOf,
  batchingOf,
  consentEndpointOf,
  destinationNames,
  fullUrlOf,
  isEndpointType,
  lookedUpBy,
  propertiesWhere,
  shownPlaceOf,
  takesBatching,
} from "./destination-facts.ts";
import type { BatchingProperties } from "./destination-property.ts";
import { DESTINATION_KINDS, ENDPOINT_TYPES, type DestinationDescription, type EndpointType } from "./index.ts";

const SCOPE = "/subscriptions/0/resourceGroups/g";
const SECRET = "s3cret";

/** Returns a destination of this kind with a resource id of its form, and a secret in each property that may hold one. */
function destination(endpointType: EndpointType): DestinationDescription {
  const { resource } = DESTINATION_KINDS[endpointType];
  const resourceId = resource?.form.replace("…", SCOPE).replaceAll(/\{(\w+)\}/g, "my-$1");
  const hidden = propertiesWhere(endpointType, (property) => property.form === "text" && property.secret === "hidden");
  const properties = {
    ...(resourceId !== undefined && { resourceId }),
    ...Object.fromEntries(hidden.map((name) => [name, SECRET])),
    endpointUrl: `https://user:${SECRET}@here/hook?code=${SECRET}#${SECRET}`,
    connection: "broker",
  };
  return { endpointType, properties } as unknown as DestinationDescription;
}

describe("kinds of destinations", () => {
  it("are found by their exact names only", () => {
    expect(ENDPOINT_TYPES.every(isEndpointType)).toBe(true);
    for (const name of ["", "webhook", "constructor", "toString"]) expect(isEndpointType(name)).toBe(false);
  });

  it.each(ENDPOINT_TYPES)("%s is shown without its secrets [ARM-SECRET]", (type) => {
    const place = shownPlaceOf(destination(type));
    expect(place).not.toBe("");
    expect(place).not.toContain(SECRET);
  });

  it("have the URL of a webhook without its query, and the full URL on request", () => {
    expect(shownPlaceOf(destination("WebHook"))).toBe("https://here/hook");
    expect(fullUrlOf(destination("WebHook"))).toContain(`?code=${SECRET}`);
    expect(fullUrlOf(destination("EventHub"))).toBeUndefined();
    expect(baseUrlOf("http://here/a@b?c@d")).toBe("http://here/a@b");
  });

  it("[EG-HANDSHAKE-SKIP] need consent for webhooks only", () => {
    const needingConsent = ENDPOINT_TYPES.filter((type) => consentEndpointOf(destination(type)) !== undefined);
    expect(needingConsent).toEqual(["WebHook"]);
  });

  it("[EG-DESTINATION-UNKNOWN] are looked up by the first name in their id, or by the name of a connection", () => {
    const found = ENDPOINT_TYPES.flatMap((type) => lookedUpBy(destination(type)) ?? []);
    expect(found.map(({ lists, name, property }) => [lists[0], name, property])).toEqual([
      ["functionApps", "my-app", "resourceId"],
      ["connections", "my-account", "resourceId"],
      ["connections", "my-namespace", "resourceId"],
      ["connections", "my-namespace", "resourceId"],
      ["connections", "my-namespace", "resourceId"],
      ["connections", "my-namespace", "resourceId"],
      ["connections", "my-namespace", "resourceId"],
      ["partnerDestinations", "my-destination", "resourceId"],
      ["connections", "broker", "connection"],
    ]);
    const malformed = { endpointType: "EventHub", properties: { resourceId: "hub" } } as const;
    expect(lookedUpBy(malformed)).toBeUndefined();
  });
});

describe("destinationNames", () => {
  const site = `${SCOPE}/providers/Microsoft.Web/sites`;

  it.each([
    [`${site}/shop/functions/Ship`, ["shop", "Ship"]],
    [`${site.toUpperCase()}/shop/FUNCTIONS/Ship/`, ["shop", "Ship"]],
    [`${site}/shop`, []],
    [`${site}/shop/slots/a/functions/Ship`, []],
    ["", []],
  ])("returns the names in %s", (id, names) => {
    expect(destinationNames("AzureFunction", id)).toEqual(names);
  });
});

describe("batchingOf [EG-BATCH-OUT]", () => {
  const asFunction = (batching: BatchingProperties): DestinationDescription => ({
    endpointType: "AzureFunction",
    properties: { resourceId: "", ...batching },
  });

  it.each([
    [{}, { maxEvents: 1, preferredBytes: 65_536 }],
    [{ maxEventsPerBatch: 10 }, { maxEvents: 10, preferredBytes: 65_536 }],
    [{ preferredBatchSizeInKilobytes: 128 }, { maxEvents: 1, preferredBytes: 131_072 }],
    [
      { maxEventsPerBatch: 5_000, preferredBatchSizeInKilobytes: 1_024 },
      { maxEvents: 5_000, preferredBytes: 1_048_576 },
    ],
  ])("converts %j to %j", (properties, expected) => {
    expect(batchingOf(asFunction(properties))).toEqual(expected);
  });

  it("returns up to a hundred events for a file", () => {
    expect(batchingOf(destination("File"))).toEqual({ maxEvents: 100, preferredBytes: 1_000_000 });
  });

  it("returns one event for the other kinds", () => {
    const others = ENDPOINT_TYPES.filter((type) => !takesBatching(type) && type !== "File");
    expect(others.map((type) => batchingOf(destination(type)).maxEvents)).toEqual(others.map(() => 1));
  });
});
