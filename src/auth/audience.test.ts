import { describe, expect, it } from "vitest";
import { createAudienceCheck } from "./audience.ts";

const GUID = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
const isOwn = createAudienceCheck(["https://management.azure.com", GUID, "https://localhost:6500", "api://own/path"]);

describe("[EG-ENTRA-OWN-AUDIENCE] an audience", () => {
  it.each(["/", ".", "/.default", "/.default/"])(
    "is read in proportion to its length, of %j many times too",
    (part) => {
      // A million characters of which each could begin an end would take minutes one by one.
      expect(isOwn(`https://${part.repeat(1_000_000)}x`)).toBe(false);
      expect(isOwn(`x${part.repeat(1_000_000)}x`)).toBe(false);
    },
  );

  it.each([
    "https://management.azure.com",
    "https://management.azure.com/",
    "https://management.azure.com//",
    "HTTPS://Management.Azure.COM",
    "http://management.azure.com",
    "management.azure.com",
    "api://management.azure.com",
    "https:/management.azure.com",
    "https:///management.azure.com",
    "https:\\\\management.azure.com",
    "https://management.azure.com:443/",
    "https://management.azure.com:80",
    "https://management.azure.com.",
    "https://management.azure.com/.default",
    "https://management.azure.com//.default",
    "https://management.azure.com?x=1",
    "https://management.azure.com/#x",
    "https://somebody@management.azure.com",
    "https://management%2Eazure.com",
    "https://management\u3002azure.com",
    " https://management.azure.com ",
    "spn:https://management.azure.com",
    GUID,
    GUID.toUpperCase(),
    `api://${GUID}`,
    `API://${GUID}/`,
    `api:${GUID}`,
    `spn:${GUID}`,
    `appid:${GUID}`,
    "https://LOCALHOST:6500",
    "api://own/path/",
  ])("belongs to this server as '%s'", (audience) => {
    expect(isOwn(audience)).toBe(true);
  });

  it.each([
    "api://receiver",
    "https://management.azure.com.example",
    "https://example.com/management.azure.com",
    "https://eu.management.azure.com",
    "797f4846-ba00-4fd7-ba43-dac1f8f63014",
    "https://localhost:6501",
    "https://localhost",
    "api://own",
    "api://own/other",
    "not a: url[",
    "",
  ])("belongs to another server as '%s'", (audience) => {
    expect(isOwn(audience)).toBe(false);
  });
});
