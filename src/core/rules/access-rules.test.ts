import { describe, expect, it } from "vitest";
import { accessRules } from "./access-rules.ts";

const rules = (count: number): { ipMask: string }[] =>
  Array.from({ length: count }, (_unused, index) => ({ ipMask: `10.0.0.${index}` }));

describe("rules for access", () => {
  it("[EG-INBOUND-RULES-LIMIT] are 128 at most, or 1,000 with relaxed limits", () => {
    expect(accessRules({}, false)).toEqual([]);
    expect(accessRules({ inboundIpRules: rules(128) }, false)).toEqual([]);
    expect(accessRules({ inboundIpRules: rules(129) }, false)).toEqual([
      {
        code: "invalid_request",
        field: "properties.inboundIpRules",
        message: "A resource has at most 128 inbound IP rules; there are 129.",
      },
    ]);
    expect(accessRules({ inboundIpRules: rules(1_000) }, true)).toEqual([]);
    expect(accessRules({ inboundIpRules: rules(1_001) }, true)).toMatchObject([
      { message: "A resource has at most 1000 inbound IP rules; there are 1001." },
    ]);
  });
});
