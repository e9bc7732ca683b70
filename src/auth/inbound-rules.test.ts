import { describe, expect, it } from "vitest";
import { checkInbound } from "./inbound-rules.ts";

const passes = (address: string, ...masks: string[]): boolean => {
  try {
    checkInbound({ name: "orders", properties: { inboundIpRules: masks.map((ipMask) => ({ ipMask })) } }, address);
    return true;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: "forbidden" });
    return false;
  }
};

describe("[EG-INBOUND-RULES]", () => {
  it.each([
    ["192.0.2.7", ["192.0.2.0/24"], true],
    ["192.0.3.7", ["192.0.2.0/24"], false],
    ["192.0.2.7", ["198.51.100.1", "192.0.2.7"], true],
    ["192.0.2.8", ["192.0.2.7"], false],
    ["::ffff:192.0.2.7", ["192.0.2.0/24"], true],
    ["::ffff:192.0.3.7", ["192.0.2.0/24"], false],
    ["2001:db8::1", ["2001:db8::/32"], true],
    ["2001:db9::1", ["2001:db8::/32"], false],
    ["192.0.2.7", ["2001:db8::/32"], false],
    ["203.0.113.1", ["0.0.0.0/0"], true],
    ["203.0.113.1", ["203.0.113.0/33", "nonsense", "203.0.113.1/"], false],
    ["", ["0.0.0.0/0"], false],
    ["203.0.113.1", [], true],
  ] as const)("%j with %j: %j", (address, masks, expected) => {
    expect(passes(address, ...masks)).toBe(expected);
  });

  it("report the refused client with Azure's message", () => {
    const properties = { inboundIpRules: [{ ipMask: "192.0.2.1" }] };
    expect(() => checkInbound({ name: "orders", properties }, "::ffff:203.0.113.1")).toThrow(
      "Publishing to orders by client 203.0.113.1 is rejected due to IpAddress filtering rules.",
    );
  });

  it("do not apply where public access is disabled", () => {
    const properties = { publicNetworkAccess: "Disabled", inboundIpRules: [{ ipMask: "127.0.0.1" }] } as const;
    expect(() => checkInbound({ name: "orders", properties }, "127.0.0.1")).toThrow("public network access");
    expect(() =>
      checkInbound({ name: "orders", properties: { publicNetworkAccess: "Enabled" } }, "127.0.0.1"),
    ).not.toThrow();
  });
});
