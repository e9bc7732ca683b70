import { describe, expect, it } from "vitest";
import { isAllowedHost, isPublicAddress } from "./address-policy.ts";

describe("isPublicAddress", () => {
  it.each([
    ["1.1.1.1", true],
    ["172.15.255.255", true],
    ["172.32.0.0", true],
    ["2606:4700:4700::1111", true],
    ["::ffff:1.1.1.1", true],
    ["64:ff9b::101:101", true],
    ["0.0.0.0", false],
    ["10.1.2.3", false],
    ["100.64.0.1", false],
    ["127.0.0.1", false],
    ["127.255.255.254", false],
    ["168.63.129.16", false],
    ["169.254.169.254", false],
    ["172.16.0.1", false],
    ["172.31.255.255", false],
    ["192.168.1.1", false],
    ["198.18.0.1", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["::", false],
    ["::1", false],
    ["::127.0.0.1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:7f00:1", false],
    ["0:0:0:0:0:ffff:a9fe:a9fe", false],
    ["::ffff:10.0.0.0", false],
    ["64:ff9b::7f00:1", false],
    ["64:ff9b:1::1", false],
    ["2002:7f00:1::", false],
    ["2001:0:7f00:1::", false],
    ["2001:db8::1", false],
    ["fc00::1", false],
    ["fd00:ec2::254", false],
    ["fe80::1", false],
    ["fe80::1%eth0", false],
    ["ff02::1", false],
    ["not an address", false],
    ["", false],
  ])("%s: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});

describe("isAllowedHost", () => {
  const policy = { allowedHosts: ["hooks.internal", "*.corp.example", "10.0.0.5", "::1"] };

  it.each([
    ["hooks.internal", true],
    ["Hooks.Internal.", true],
    ["a.b.corp.example", true],
    ["10.0.0.5", true],
    ["::1", true],
    ["corp.example", false],
    ["evilcorp.example", false],
    ["hooks.internal.evil.example", false],
    ["10.0.0.50", false],
  ])("%s: %s", (host, expected) => {
    expect(isAllowedHost(policy, host)).toBe(expected);
  });

  it("permits every host under the policy 'any'", () => {
    expect(isAllowedHost("any", "localhost")).toBe(true);
  });
});
