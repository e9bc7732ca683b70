import { describe, expect, it } from "vitest";
import { propertyTable } from "../../core/destinations/destination-facts.ts";
import type { DestinationProperty } from "../../core/destinations/destination-property.ts";
import { ENDPOINT_TYPES, type DestinationDescription, type EndpointType } from "../../core/destinations/index.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { NO_NOTES } from "./body-notes.ts";
import { DESTINATION, readDestination, writeDestination } from "./destination.ts";

const SECRET = "s3cret";

/** Returns a valid value for a property. */
function valueOf(property: DestinationProperty): JsonValue {
  switch (property.form) {
    case "text":
      return property.secret === "url"
        ? `https://here/hook?code=${SECRET}`
        : (property.values?.[0] ?? textOf(property));
    case "number":
      return 7;
    case "flag":
      return true;
    case "texts":
      return ["one", "two"];
    case "attributes":
      return [{ name: "x", type: "Static", properties: { value: SECRET, isSecret: true } }];
    default:
      return null;
  }
}

function textOf({ secret }: DestinationProperty & { readonly form: "text" }): string {
  return secret === undefined ? "text" : SECRET;
}

/** Returns a body of a destination with all properties of its kind. */
function whole(endpointType: EndpointType): JsonObject {
  const properties = Object.entries(propertyTable(endpointType)).map(([name, property]) => [name, valueOf(property)]);
  return { endpointType, properties: Object.fromEntries(properties) as JsonObject };
}

function write(body: JsonObject, before?: DestinationDescription, patch = false): DestinationDescription {
  return writeDestination(DESTINATION.read(body, "properties.destination", NO_NOTES), before, patch);
}

describe("a destination in a body", () => {
  it.each(ENDPOINT_TYPES)("of type %s keeps every property", (type) => {
    expect(write(whole(type))).toEqual(whole(type));
  });

  it.each(ENDPOINT_TYPES)("of type %s is shown with every property and without secrets [ARM-SECRET]", (type) => {
    const { properties } = readDestination(write(whole(type)));
    expect(JSON.stringify(properties)).not.toContain(SECRET);
    const names = Object.keys(propertyTable(type));
    expect(isJsonObject(properties) && Object.keys(properties)).toEqual(expect.arrayContaining(names));
  });

  it.each(ENDPOINT_TYPES)(
    "of type %s keeps its secrets when a client writes back what it has read [ARM-PATCH-SECRET]",
    (type) => {
      const before = write(whole(type));
      const { endpointBaseUrl: _shown, ...properties } = readDestination(before)["properties"] as JsonObject;
      const sent = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
      expect(write({ endpointType: type, properties: sent }, before, true)).toEqual(before);
    },
  );

  it("must be of a known kind", () => {
    for (const endpointType of ["Pigeon", "constructor", null]) {
      expect(() => write({ endpointType, properties: {} })).toThrow(/are not supported\. Supported are WebHook, /);
    }
    expect(write({ endpointType: "webhook", properties: {} }).endpointType).toBe("WebHook");
  });
});
