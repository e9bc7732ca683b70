import { describe, expect, it } from "vitest";
import { WEB_HOOK } from "./web-hook.ts";

const isOwnAudience = (audience: string): boolean => audience === "https://management.azure.com";

function problems(audience: unknown) {
  const properties = {
    endpointUrl: "https://hooks.example",
    azureActiveDirectoryApplicationIdOrUri: audience as string,
  };
  const context = { field: "properties.destination.properties", topic: "/orders", declared: false, isOwnAudience };
  return WEB_HOOK.rules?.(properties, context);
}

const field = "properties.destination.properties.azureActiveDirectoryApplicationIdOrUri";

describe("[EG-ENTRA-OWN-AUDIENCE] the application that protects a webhook", () => {
  it.each(["api://receiver", "797f4846-0000-0000-0000-dac1f8f63013", "", null, undefined])("may be %j", (audience) => {
    expect(problems(audience)).toEqual([]);
  });

  it("is not this server", () => {
    expect(problems("https://management.azure.com")).toEqual([
      {
        field,
        code: "invalid_request",
        message:
          "azureActiveDirectoryApplicationIdOrUri must name the application that protects the webhook: tokens for " +
          "'https://management.azure.com' are good at this server itself.",
      },
    ]);
  });

  it.each([
    "api://receiver/.default https://management.azure.com",
    " https://management.azure.com",
    "api://receiver\n",
    "api://re\u0000ceiver",
    "api://re\u00A0ceiver",
    7,
    ["api://receiver"],
  ])("is one word, not %j", (audience) => {
    expect(problems(audience)).toMatchObject([{ field, message: expect.stringContaining("white space") as string }]);
  });
});
